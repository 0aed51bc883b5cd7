"""What no fulfilment order exceeds. Who works in a warehouse needs the permissions of stock."""

CARRIER_LENGTH_MAX = 60
TRACKING_LENGTH_MAX = 80
REASON_LENGTH_MAX = 200
