"""`python -m k3slogs`."""

from k3slogs.cli import main

if __name__ == "__main__":
    main()
