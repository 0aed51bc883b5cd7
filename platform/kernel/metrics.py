"""What an operator watches: counters and timings, labelled by kinds and never by tenants' names."""

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "wareflow_request_seconds", "Time to answer a request.", ["face", "route", "method", "status"]
)
WORK_SECONDS = Histogram(
    "wareflow_work_seconds", "Time of one piece of background work.", ["source"]
)
WORK_FAILURES = Counter(
    "wareflow_work_failures_total", "Pieces of background work that failed.", ["source"]
)
DOORBELL_UNHEARD = Counter("wareflow_doorbell_unheard_total", "Rings that Redis did not take.")
WORK_DUE = Gauge("wareflow_work_due", "Pieces of work that are due and unclaimed.", ["source"])
