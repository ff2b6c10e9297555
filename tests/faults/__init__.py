"""What happens when the plug is pulled, the disk fills or gives up, or several write at once.

The oracle everywhere: acknowledged ⊆ stored ⊆ acknowledged + in flight, nothing doubled, the file
sound, and the journal alone brings the same memory back. `make faults` runs the whole of it and
reports how many points were tried; `make test` runs a short sweep.
"""
