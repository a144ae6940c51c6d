"""What all tests share: no deadline for an example of Hypothesis; how long one takes is the machine's business."""

from hypothesis import settings

settings.register_profile('any machine', deadline=None)
settings.load_profile('any machine')
