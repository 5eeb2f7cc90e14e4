"""The numbers of the margin loss, by which capsules are trained (Sabour, Frosst and Hinton 2017). No torch.

`core.nets.capsule.margin_loss` computes it; the pages explain it.
"""

PRESENT, ABSENT = 0.9, 0.1  # the lengths beyond which it is 0
ABSENT_WEIGHT = 0.5  # of the classes that the picture does not show
