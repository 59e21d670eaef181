"""A loaded model on its device: all that runs a network goes through here."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.cancel import CancelToken
from core.errors import DeviceError, LayerscopeError, ModelError, WeightsError
from core.inference.devices import choose, is_out_of_memory
from core.inference.fallback import run_with_fallback, synchronise
from core.inference.measure import measure_layers
from core.inference.threads import set_threads
from core.types import BUILTIN_SPEC, LayerInfo, ModelInfo, ModelSpec, Preprocessing
from core.weights import remembered
from core.weights.assemble import assemble
from core.weights.resolve import resolve
from core.weights.resolved import ResolvedWeights
from core.zoo.catalog import BUILTIN_TITLE
from core.zoo.code_errors import answering

Result = TypeVar("Result")


class Session:
    """A network in evaluation mode, its device, and what there is to say about them.

    Made by :meth:`load`. Not for use from several threads at once.

    Attributes
    ----------
    model
        The network, on ``device``. Run it through :meth:`run`, which minds inference mode and the device's memory.
    info
        The model as the window shows it. Replaced (device, notices) when the model has to move to the CPU.
    on_move
        Called with the sentences about it whenever that happens, in the thread that runs the model and before :meth:`run`
        returns; for whoever has to tell a person, whatever the work was.
    """

    def __init__(self, module: nn.Module, info: ModelInfo, device: torch.device) -> None:
        self.model = module
        self._device = device
        self.info = info
        self.on_move: Callable[[tuple[str, ...]], None] | None = None
        self._placing: tuple[str, ...] = ()  # those of the notices that are about the device

    @classmethod
    def load(cls, spec: ModelSpec, device: str = "auto", cancel: CancelToken | None = None) -> Session:
        """Load a model and run it once.

        Parameters
        ----------
        spec
            Architecture and weights.
        device
            "auto", or the id of one of :func:`core.inference.devices.list_devices`.
        cancel
            Looked at between the steps.

        Raises
        ------
        ModelError, WeightsError, DeviceError
            If the model or the device is not to be had, in words.
        core.errors.Cancelled
            If ``cancel`` was set.
        """
        cancel = cancel or CancelToken()
        target, notices = choose(device)
        cancel.check()
        resolved = resolve(spec)
        cancel.check()
        module = _assemble(spec, resolved)
        cancel.check()
        loaded = cls._measured(spec, resolved, module, target)
        loaded = loaded._as_remembered()
        loaded.info = replace(loaded.info, notices=(*notices, *loaded.info.notices))
        loaded._placing += notices
        cancel.check()
        set_threads(loaded.info.layers)
        return loaded

    @classmethod
    def _measured(
        cls, spec: ModelSpec, resolved: ResolvedWeights, module: nn.Module, target: torch.device
    ) -> Session:
        ran = run_with_fallback(lambda place: _measure(module.to(place), resolved, spec, place), target)
        info = _info(spec, resolved, module, ran.result, ran.device)
        made = cls(module, replace(info, notices=(*info.notices, *ran.notices)), ran.device)
        made._placing = ran.notices
        return made

    def on_device(self, device: str) -> Session:
        """The same network on another device, measured anew; nothing is read or built again.

        Parameters
        ----------
        device
            "auto", or the id of one of :func:`core.inference.devices.list_devices`.

        Raises
        ------
        ModelError, DeviceError
            If the device is not to be had, or the network cannot be run there; this session goes on as it was.
        """
        target, notices = choose(device)
        info = self.info
        ran = run_with_fallback(
            lambda place: _tried(self.model.to(place), info.preprocessing, len(info.categories), info.spec, place), target
        )
        placing = (*notices, *ran.notices)
        kept = tuple(one for one in info.notices if one not in self._placing)
        moved = Session(
            self.model, replace(info, device=str(ran.device), layers=ran.result, notices=(*kept, *placing)), ran.device
        )
        moved._placing = placing
        set_threads(moved.info.layers)
        return moved

    def _as_remembered(self) -> Session:
        """This session, its pictures taken as a person chose for this very file, if one did."""
        chosen = remembered.recall(self.info.weights_sha256)
        if chosen is None or chosen == replace(self.info.preprocessing, source=chosen.source):
            return self
        try:
            changed = self.with_preprocessing(chosen)
        except LayerscopeError as error:
            notice = f"The preprocessing that you chose for these weights was not used: {error.message}"
            self.info = replace(self.info, notices=(*self.info.notices, notice))
            return self
        notice = f"Pictures are prepared as you chose for these weights: {changed.info.preprocessing.describe()}."
        changed.info = replace(changed.info, notices=(*changed.info.notices, notice))
        return changed

    def with_preprocessing(self, how: Preprocessing | None) -> Session:
        """The same network with its pictures prepared another way, measured anew; this session stays as it is.

        Parameters
        ----------
        how
            What the network gets; None for what its weights ask for themselves.

        Raises
        ------
        ModelError
            If the network cannot take it, in words.
        """
        own = self.info.own_preprocessing or self.info.preprocessing
        differs = how is not None and replace(how, source=own.source) != own
        wanted = how if how is not None and differs else own
        wrong = remembered.problem(wanted)
        if wrong:
            raise ModelError(wrong)
        spec = self.info.spec
        try:
            ran = run_with_fallback(
                lambda place: _tried(self.model.to(place), wanted, len(self.info.categories), spec, place), self._device
            )
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise DeviceError(f"There is not enough memory for inputs of {wanted.crop}×{wanted.crop} pixels.") from error
            raise ModelError(_cannot_take(spec, wanted, error)) from error
        info = replace(
            self.info,
            device=str(ran.device),
            preprocessing=wanted,
            own_preprocessing=own if differs else None,
            layers=ran.result,
            notices=(*self.info.notices, *ran.notices),
        )
        changed = Session(self.model, info, ran.device)
        changed._placing = (*self._placing, *ran.notices)
        return changed

    @property
    def device(self) -> torch.device:
        """Where the network is now."""
        return self._device

    def run(
        self, work: Callable[[nn.Module, Tensor], Result], batch: Tensor, *, gradients: bool = False
    ) -> tuple[Result, float]:
        """Do something with the network and an input, in inference mode.

        Parameters
        ----------
        work
            Gets the network and the batch, both on the device; may put hooks on the network and must take them off.
            Called a second time, on the CPU, if the device's memory is not enough.
        batch
            float32 (N, channels, H, W) on any device.
        gradients
            Whether autograd follows what ``work`` does, instead of inference mode. The parameters need no gradient: it
            begins where ``work`` asks for one.

        Returns
        -------
        What ``work`` returned, and the milliseconds it took, transfers included.
        """

        def attempt(place: torch.device) -> tuple[Result, float]:
            self.model.to(place)
            with torch.enable_grad() if gradients else torch.inference_mode(), _aside(self.info.spec):
                synchronise(place)
                began = time.perf_counter()
                result = work(self.model, batch.to(place))
                synchronise(place)
                return result, 1000 * (time.perf_counter() - began)

        ran = run_with_fallback(attempt, self._device)
        if ran.device != self._device:
            self._device = ran.device
            self.info = replace(self.info, device=str(ran.device), notices=(*self.info.notices, *ran.notices))
            self._placing += ran.notices
            if self.on_move is not None:
                self.on_move(ran.notices)
        return ran.result

    def forward(self, batch: Tensor) -> Tensor:
        """Return the logits of a batch: float32 (N, channels, H, W) to float32 (N, categories) on the CPU."""
        logits: Tensor = self.run(lambda module, inputs: module(inputs).detach().float().cpu(), batch)[0]
        return logits


def _aside(spec: ModelSpec) -> AbstractContextManager[None]:
    """Keep a person's own code, if it is that, from printing into the program's answers and from ending it."""
    return answering(spec.code.path) if spec.code is not None else nullcontext()


def _assemble(spec: ModelSpec, resolved: ResolvedWeights) -> nn.Module:
    if resolved.module is not None:
        return resolved.module
    try:
        return assemble(spec.architecture, resolved.state_dict, resolved.options, spec.weights.seed)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "can't allocate memory" not in str(error):
            raise
        raise DeviceError(
            f"There is not enough memory for {spec.architecture}. Close other programs, or choose a smaller model."
        ) from error


def _measure(
    module: nn.Module, resolved: ResolvedWeights, spec: ModelSpec, place: torch.device
) -> tuple[LayerInfo, ...]:
    return _tried(module, resolved.preprocessing, resolved.num_classes, spec, place)


def _tried(
    module: nn.Module, how: Preprocessing, num_classes: int, spec: ModelSpec, place: torch.device
) -> tuple[LayerInfo, ...]:
    batch = torch.zeros(1, len(how.mean), how.crop, how.crop, device=place)
    try:
        with torch.inference_mode(), _aside(spec):
            layers, output = measure_layers(module, batch)
    except (TypeError, AssertionError, ValueError) as error:
        raise ModelError(_cannot_take(spec, how, error)) from error
    if output.shape != (1, num_classes):
        raise ModelError(f"{spec.architecture} returns {tuple(output.shape)}, not one number for each category.")
    if not bool(output.detach().isfinite().all()):
        if spec.code is not None:
            raise ModelError(f"{spec.architecture} answers with values that are not numbers.", path=spec.code.path)
        raise WeightsError(
            f"The weights {spec.weights} hold values that are not numbers; {spec.architecture} cannot use them.",
            path=spec.weights.path,
        )
    return layers


def _cannot_take(spec: ModelSpec, how: Preprocessing, error: Exception) -> str:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{spec.architecture} cannot be run on {how.crop}×{how.crop} pixels: {reason.rstrip('. ')}."


def _info(
    spec: ModelSpec, resolved: ResolvedWeights, module: nn.Module, layers: tuple[LayerInfo, ...], device: torch.device
) -> ModelInfo:
    return ModelInfo(
        spec=spec,
        title=BUILTIN_TITLE if spec == BUILTIN_SPEC else spec.architecture,
        device=str(device),
        categories=resolved.categories,
        categories_source=resolved.categories_source,
        preprocessing=resolved.preprocessing,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        layers=layers,
        notices=resolved.notices,
        weights_sha256=resolved.weights_sha256,
        tensors=_tensors(module) if spec.code is not None else (),
        not_sure_below=resolved.not_sure_below,
    )


def _tensors(module: nn.Module) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((name, tuple(value.shape)) for name, value in module.state_dict().items() if isinstance(value, Tensor))
