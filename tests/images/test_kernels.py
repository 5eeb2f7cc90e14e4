import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.kernels import KernelError, check_kernel, separable


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([[1, 2], [3]], "every row"),
        ([[1, 2], 3], "grid"),
        ("1 2 3", "grid"),
        ([], "grid"),
        ([[]], "grid"),
        (None, "grid"),
        ([1, 2, 3], "grid"),
        (np.zeros((2, 2, 2)), "grid"),
        ([[1, 2], [3, None]], "Row 2, column 2 of the kernel is empty"),
        ([[1, ""]], "Row 1, column 2 of the kernel is empty"),
        ([["edge"]], "'edge'"),
        ([["__import__('os').getcwd()"]], "write a number"),
        ([[float("nan")]], "is nan"),
        ([[0, float("inf")]], "Row 1, column 2 of the kernel is inf"),
        ([[float("-inf")]], "-inf"),
        ([[1e308]], "1e+308"),
        ([["1e308"]], "1e308"),
        ([[10**400]], "between"),
        ([[-1e7]], "between −1,000,000 and 1,000,000"),
        ([[1j]], "1j"),
        (np.array([[1j]]), "real numbers"),
        (np.zeros((12, 3)), "at most 11 × 11"),
        (np.zeros((1, 4000)), "at most 11 × 11"),
        ([[{}]], "write a number"),
    ],
)
def test_a_grid_that_is_no_kernel_is_refused_with_a_sentence(values, says):
    with pytest.raises(KernelError) as refusal:
        check_kernel(values, largest=11)
    assert says in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_a_grid_as_an_edited_table_gives_it():
    np.testing.assert_array_equal(check_kernel([["1", "−0.5"], [True, 2]]), [[1, -0.5], [1, 2]])
    np.testing.assert_array_equal(check_kernel(np.array([[1, 2]], dtype=np.int8)), [[1, 2]])


@given(st.integers(1, 11), st.integers(1, 11), st.integers(0, 2**32 - 1))
def test_an_outer_product_is_found_and_taken_apart(rows, columns, seed):
    rng = np.random.default_rng(seed)
    kernel = np.outer(rng.normal(size=rows), rng.normal(size=columns))
    parts = separable(kernel)
    assert parts is not None
    np.testing.assert_allclose(np.outer(parts.column, parts.row), kernel, rtol=0, atol=1e-9)
    assert parts.multiplications == (rows * columns, rows + columns)
    if rows > 1 and columns > 1:
        other = kernel + rng.normal(size=kernel.shape)
        assert (separable(other) is not None) == (np.linalg.matrix_rank(other, rtol=1e-9) <= 1)


def test_separable_writes_whole_multiples_as_such():
    column, row = separable([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    np.testing.assert_allclose(column, [1, 2, 1])
    np.testing.assert_allclose(row, [-1, 0, 1])
    assert separable(np.eye(3)) is None
    assert separable([[0, 1, 0], [1, -4, 1], [0, 1, 0]]) is None
    zero = separable(np.zeros((2, 3)))
    np.testing.assert_array_equal(np.outer(zero.column, zero.row), np.zeros((2, 3)))
