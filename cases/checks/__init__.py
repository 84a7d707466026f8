"""What `manage.py verify` counts again from the events, thing by thing; `cases.verification` walks through them."""
