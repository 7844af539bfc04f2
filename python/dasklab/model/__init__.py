"""What travels between processes: frozen dataclasses with tolerant readers.

Everything here is plain data and the standard library, because hosts read and write it under
interpreters where dasklab is not installed. SI units and epoch seconds; never formatted text.
"""
