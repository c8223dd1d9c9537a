"""moto_server with its Step Functions engine on, on a free port, mended where terraform and our definition meet its gaps.

MOTO_PORT names the port that the engine calls for Lambda and Systems Manager: the proxy's.
Prints its own port. Ends with its parent: when standard input closes, whatever the reason.
"""

import copy
import os
import sys
import threading
import uuid

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from werkzeug.serving import make_server

default_user_config["stepfunctions"] = {"execute_state_machine": True}
default_user_config["lambda"] = {"use_docker": False}

# As AWS writes it: Ssm.ThrottlingException, not ssm.ThrottlingException.
state_task_service_aws_sdk._SERVICE_ERROR_NAMES["ssm"] = "Ssm"


def copy_without_executions(machine, memo):
    # An execution holds threads and locks, which cannot be copied; the copy that a new execution gets needs none of them.
    twin = copy.copy(machine)
    twin.executions = []
    memo[id(machine)] = twin
    return twin


StateMachine.__deepcopy__ = copy_without_executions

start_execution = StepFunctionsParserBackend.start_execution


def start_named_execution(self, state_machine_arn, name=None, *args, **kwargs):
    return start_execution(self, state_machine_arn, name or str(uuid.uuid4()), *args, **kwargs)


StepFunctionsParserBackend.start_execution = start_named_execution


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
