"""From a trained network to files that other programs drive with: the physical car's archive, ONNX, TensorFlow Lite.

Each file is written here byte by byte, without the heavy libraries that read it, and tested before it is handed out.
"""

from deepracer_local.export._write import REPORT_SUFFIX, DrivenFrames, Trained, report_path, write_export

__all__ = ["REPORT_SUFFIX", "DrivenFrames", "Trained", "report_path", "write_export"]
