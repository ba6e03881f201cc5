"""The first Python file of the packaged program on Windows; kian.exe and kian.com run it."""

import sys

# The worker processes are this same executable, as in every packaged build (models/worker/launch.py).
sys.frozen = "kian"  # type: ignore[attr-defined]

from desktop.__main__ import main  # noqa: E402

sys.exit(main())
