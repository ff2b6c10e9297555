"""Everything that may go wrong in a way a person can mend. Knows nothing above it.

    EchoError                 exit 1
    ├── UsageError            exit 2: the command line, or a value typed into it
    ├── ConfigError           exit 2: config.toml, an environment variable
    ├── HomeError             the folder one Echo lives in
    ├── ManifestError         the declaration files
    ├── StoreError            SQLite, the disk under it
    │   ├── DamagedError      the database is there and cannot be trusted
    │   ├── JournalError      the day files Echo writes
    │   └── IngestError       files that are read into memory
    ├── RecallError           a question that cannot be asked
    ├── BackupError           a backup that cannot be made, opened or trusted
    ├── BrainError            a model that cannot be loaded or cannot speak
    │   ├── ModelFileError    the GGUF file itself
    │   ├── FitError          more memory than there is
    │   └── ContextFull       more tokens than the context holds
    ├── ShelfError            a model's file that cannot be chosen, fetched or kept
    │   └── HubError          the hub it comes from: unreachable, or it says no
    └── Interrupted           exit 130: the person stopped it

`message` and `hint` are English sentences that double as gettext message ids; values travel
beside them in `params` and are put in only after translation. A foreign error is mapped to one
of these once, at the seam where it enters, with `raise … from exc`. Anything that is not an
EchoError is a bug and shows its traceback.
"""

from __future__ import annotations


class EchoError(Exception):
    """One clear sentence, and what to do next.

    message: what happened, with {named} fields; hint: the next step, same fields; params: the
    values of those fields.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.params = params

    def __str__(self) -> str:
        """The English sentence with its values: for logs and tests, never for the screen."""
        return self.message.format(**self.params) if self.params else self.message


class UsageError(EchoError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class ConfigError(EchoError):
    """A setting is unknown, of the wrong type, or the file is not TOML."""

    exit_code = 2


class HomeError(EchoError):
    """The folder one Echo lives in is missing, or not ours, or not writable."""


class ManifestError(EchoError):
    """A declaration file cannot be read."""


class StoreError(EchoError):
    """The memory cannot be opened, read or written."""


class DamagedError(StoreError):
    """The database file is there and is no whole database."""


class JournalError(StoreError):
    """A journal file is not what docs/journal.md says it should be."""


class IngestError(StoreError):
    """A file offered to memory cannot be read."""


class RecallError(EchoError):
    """A question that cannot be asked of memory."""


class BackupError(EchoError):
    """A backup cannot be made, cannot be opened, or is not what was written."""


class BrainError(EchoError):
    """A model cannot be loaded, or failed while it spoke."""


class ModelFileError(BrainError):
    """The GGUF file is missing, cut short, of another kind, or of an unknown architecture."""


class FitError(BrainError):
    """The models need more memory than there is."""


class ContextFull(BrainError):
    """A prompt has more tokens than the brain's context holds."""


class ShelfError(EchoError):
    """A model's file cannot be chosen, fetched or kept."""


class HubError(ShelfError):
    """The hub that models come from cannot be reached, or does not give what was asked."""


class Interrupted(EchoError):
    """The person stopped it."""

    exit_code = 130
