"""Runs MiniStack with three additions, so that the template needs no change for it.

MiniStack rejects a stack that has an alarm on a metric expression. Here it stores such an alarm and never evaluates it (cfn-lint
checks the expression). MiniStack's log filter patterns match only words. Here they also match a field of a JSON line; the
template has no other patterns. MiniStack accepts a log group that already exists. Here the deployment fails, as it does with
CloudFormation.
"""

import json
import re

from ministack.app import main
from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners

MEMBER = re.compile(r'\{ \$\.(\w+) = "(\w+)" \}')

LOG_GROUPS = provisioners._RESOURCE_HANDLERS["AWS::Logs::LogGroup"]

record = provisioners._cw_metric_alarm_record
create_log_group = LOG_GROUPS["create"]
pattern_matches = cloudwatch_logs._subscription_pattern_matches


def record_of_any(name, properties):
    if properties.get("Metrics"):
        properties = {key: value for key, value in properties.items() if key != "Metrics"}
        properties |= {"Namespace": "Expression", "MetricName": name, "Statistic": "Sum", "Period": 300}
    return record(name, properties)


def create_new_log_group(logical_id, properties, stack_name):
    name = properties.get("LogGroupName")
    if name in cloudwatch_logs._log_groups:
        raise ValueError(f"Resource of type 'AWS::Logs::LogGroup' with identifier '{name}' already exists.")
    return create_log_group(logical_id, properties, stack_name)


def member_matches(pattern, message):
    member = MEMBER.fullmatch(pattern or "")
    if not member:
        return pattern_matches(pattern, message)
    try:
        line = json.loads(message)
    except ValueError:
        return False
    return isinstance(line, dict) and line.get(member[1]) == member[2]


provisioners._cw_metric_alarm_record = record_of_any
LOG_GROUPS["create"] = create_new_log_group
cloudwatch_logs._subscription_pattern_matches = member_matches

if __name__ == "__main__":
    main()
