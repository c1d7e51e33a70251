"""Every message of Drydock that reports a problem: what happened, why, and what to do next.

Each class takes the facts of one kind of problem and builds a finished message from them. The caller prints
``str(error)`` and adds nothing. The messages are for beginners: no traceback, and each names the next step.
"""

from drydock.errors.artifact_errors import BadBundle, BaseDiskMissing, BrokenCache, KernelOptionDropped
from drydock.errors.base import (
    CommandFailed,
    DrydockError,
    FileUnusable,
    ResourceMissing,
    SystemCallFailed,
    TimedOut,
    ToolsMissing,
)
from drydock.errors.course_errors import (
    BadStudentName,
    CourseNotPlaced,
    InvalidSubmission,
    NoCourseFolder,
    NotebookMissing,
    StudentNameMissing,
)
from drydock.errors.daemon_errors import DaemonSilent, FolderMissing, ImageUnknown, NameTaken, PortPublished
from drydock.errors.engine_errors import (
    ContainerFailed,
    DaemonCallFailed,
    DockerHostUnreachable,
    EngineLost,
    ImageMissing,
    NoEngine,
    PortNotPublished,
    TerminalClosed,
    UnknownEngine,
)
from drydock.errors.image_errors import BadPackage, BadRecipe, ImageBuildFailed, PipMissing
from drydock.errors.learn_errors import NameLost, ShellCellFailed, UnknownExercise, UnknownLesson, UnknownQuestion
from drydock.errors.machine_errors import (
    BadName,
    BadSetting,
    BootFailed,
    NoexecFolder,
    NoIsolation,
    NoMachine,
    NoMemory,
    NoSpace,
    NotRunning,
    PortTaken,
    WrongPlatform,
)

__all__ = [
    "BadBundle",
    "BadName",
    "BadPackage",
    "BadRecipe",
    "BadSetting",
    "BadStudentName",
    "BaseDiskMissing",
    "BootFailed",
    "BrokenCache",
    "CommandFailed",
    "ContainerFailed",
    "CourseNotPlaced",
    "DaemonCallFailed",
    "DaemonSilent",
    "DockerHostUnreachable",
    "DrydockError",
    "EngineLost",
    "FileUnusable",
    "FolderMissing",
    "ImageBuildFailed",
    "ImageMissing",
    "ImageUnknown",
    "InvalidSubmission",
    "KernelOptionDropped",
    "NameLost",
    "NameTaken",
    "NoCourseFolder",
    "NoEngine",
    "NoIsolation",
    "NoMachine",
    "NoMemory",
    "NoSpace",
    "NoexecFolder",
    "NotRunning",
    "NotebookMissing",
    "PipMissing",
    "PortNotPublished",
    "PortPublished",
    "PortTaken",
    "ResourceMissing",
    "ShellCellFailed",
    "StudentNameMissing",
    "SystemCallFailed",
    "TerminalClosed",
    "TimedOut",
    "ToolsMissing",
    "UnknownEngine",
    "UnknownExercise",
    "UnknownLesson",
    "UnknownQuestion",
    "WrongPlatform",
]
