"""The door of a cluster: how a second process of the same user comes in, and what is kept for it. No user API.

Nothing is open until somebody asks for the address. Then there is a Unix socket in a directory that only the user can
read, beside a key. Who connects has to be the same user and to know the key, and every message carries a code that only
the two ends can make: until it was found right, nothing of the message is unpickled.
"""
