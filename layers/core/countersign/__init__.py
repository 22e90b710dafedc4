"""Countersign: automation rules and triggers for electronic signatures, serverless, on AWS."""

import gc
import os

__version__ = "0.1.0"

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # noqa: TID251 - nothing is imported before this
    # A function's cold start makes no garbage; ``wiring.stack.begin`` has it collected after it.
    gc.disable()
