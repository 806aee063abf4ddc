"""What the compiler's tests share."""

import sys
from pathlib import Path

# Tests are not a package: what these share is imported from beside them.
sys.path.insert(0, str(Path(__file__).parent))
