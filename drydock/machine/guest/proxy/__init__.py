"""The proxy in front of the daemon's socket in a graded machine.

It parses each request of the submission once, validates it by named fields, and writes a new request from the values.
It runs in the guest with ``python3.13-minimal``, so it imports no other package.
"""
