"""What ``recorder.py`` sees of Cython when it runs as it is: that it is not compiled."""

compiled = False
