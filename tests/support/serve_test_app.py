"""The service with the tests' one action more, as a process of its own: `python -m tests.support.serve_test_app`."""

from claims_api import launch
from claims_api.kit import logs
from claims_api.kit.settings import load_settings
from tests.support.app import create_test_app

if __name__ == "__main__":
    settings = load_settings()
    logs.set_up("WARNING")
    launch.serve(settings, launch.listen(settings), {}, create_test_app)
