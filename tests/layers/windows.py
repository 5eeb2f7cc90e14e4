"""Random layers with a window over one plane, for the tests that compare what it reads."""

from hypothesis import strategies as st

from core.layers.specs import BlurPool, Conv, Pool

WINDOWS = st.one_of(
    st.builds(
        Conv,
        filters=st.just(1),
        kernel=st.integers(1, 4),
        stride=st.integers(1, 5),
        padding=st.integers(0, 4),
        dilation=st.integers(1, 3),
        bias=st.just(False),
    ),
    st.builds(
        Pool,
        kind=st.just("average"),
        kernel=st.integers(2, 4),
        stride=st.integers(1, 5),
        padding=st.integers(0, 1),
        ceil=st.booleans(),
    ),
    st.builds(BlurPool, kernel=st.integers(1, 7), stride=st.integers(1, 5)),
)
