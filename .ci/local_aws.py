"""Runs MiniStack, with two things that it has not, so that the template stays as it is.

It refuses a whole stack for one alarm that adds metrics up: here it keeps such an alarm and never evaluates it; its
expression is for cfn-lint to look at. And of the patterns of log filters it knows words alone: here it knows a member of a
line of JSON too, which is all that the template uses.
"""

import json
import re

from ministack.app import main
from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners

MEMBER = re.compile(r'\{ \$\.(\w+) = "(\w+)" \}')

record = provisioners._cw_metric_alarm_record
pattern_matches = cloudwatch_logs._subscription_pattern_matches


def record_of_any(name, properties):
    if properties.get("Metrics"):
        properties = {key: value for key, value in properties.items() if key != "Metrics"}
        properties |= {"Namespace": "Expression", "MetricName": name, "Statistic": "Sum", "Period": 300}
    return record(name, properties)


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
cloudwatch_logs._subscription_pattern_matches = member_matches

if __name__ == "__main__":
    main()
