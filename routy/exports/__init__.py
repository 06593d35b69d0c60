"""Lists and reports as files, asked for or by the clock: asked (what), lists and written (how), work (when)."""
