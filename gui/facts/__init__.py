"""Parts of the window's truth, each about one thing, held by :class:`gui.state.AppState`."""
