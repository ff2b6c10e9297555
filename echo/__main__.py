"""`python -m echo` is `fillin`."""

import sys

from echo.cli import main

if __name__ == "__main__":
    sys.exit(main())
