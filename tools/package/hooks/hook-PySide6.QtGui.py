"""QtGui without the plugins, translations and system libraries that the program has no use for."""

from contents import qt_files

hiddenimports, binaries, datas = qt_files(__file__)
