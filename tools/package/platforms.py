"""What Windows and macOS want to know of a program: its version, and the kinds of files that it opens."""

from __future__ import annotations

from typing import Any

DESCRIPTION = "Layerscope: see what an image classifier sees"
BUNDLE_ID = "layerscope"
PICTURES = (
    "public.jpeg", "public.png", "org.webmproject.webp", "public.avif", "public.heic", "public.heif", "com.compuserve.gif",
    "com.microsoft.bmp", "public.tiff", "com.microsoft.ico", "public.jpeg-2000", "com.adobe.photoshop-image",
)
"""Apple's names of the kinds of pictures that are offered to the program; it opens more."""
WEIGHTS = {"layerscope.pytorch-weights": ("PyTorch weights", ("pth", "pt", "ckpt")),
           "layerscope.safetensors": ("Safetensors weights", ("safetensors",))}  # fmt: skip


def version_numbers(version: str) -> tuple[int, int, int, int]:
    """The four numbers of a Windows version: "0.1.0" is (0, 1, 0, 0)."""
    numbers = [int(part) for part in version.split(".")[:4] if part.isdecimal()]
    first, second, third, fourth = [*numbers, 0, 0, 0, 0][:4]
    return first, second, third, fourth


def version_resource(version: str) -> Any:
    """The version resource of ``layerscope.exe``. On Windows only: PyInstaller has the class for it there only."""
    from PyInstaller.utils.win32 import versioninfo as parts

    numbers = version_numbers(version)
    words = {
        "CompanyName": "Layerscope contributors",
        "FileDescription": DESCRIPTION,
        "FileVersion": version,
        "InternalName": "layerscope",
        "LegalCopyright": "BSD-3-Clause; Qt under the LGPL-3.0; see the folder licences",
        "OriginalFilename": "layerscope.exe",
        "ProductName": "Layerscope",
        "ProductVersion": version,
    }
    strings = [parts.StringStruct(name, text) for name, text in words.items()]
    return parts.VSVersionInfo(
        ffi=parts.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[
            parts.StringFileInfo([parts.StringTable("040904B0", strings)]),
            parts.VarFileInfo([parts.VarStruct("Translation", [0x0409, 1200])]),
        ],
    )


def info_plist(version: str) -> dict[str, Any]:
    """``Info.plist`` of ``Layerscope.app``: sharp on any screen, offered for pictures and weights but nobody's default."""
    kinds = [{"CFBundleTypeName": "Picture", "LSItemContentTypes": list(PICTURES)}]
    kinds += [{"CFBundleTypeName": words, "LSItemContentTypes": [name]} for name, (words, _) in WEIGHTS.items()]
    return {
        "CFBundleName": "Layerscope",
        "CFBundleDisplayName": "Layerscope",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSMinimumSystemVersion": "13.0",
        "LSApplicationCategoryType": "public.app-category.education",
        "NSHighResolutionCapable": True,
        "CFBundleDocumentTypes": [
            {**kind, "CFBundleTypeRole": "Viewer", "LSHandlerRank": "Alternate"} for kind in kinds
        ],
        "UTImportedTypeDeclarations": [
            {
                "UTTypeIdentifier": name,
                "UTTypeDescription": words,
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {"public.filename-extension": list(endings)},
            }
            for name, (words, endings) in WEIGHTS.items()
        ],
    }
