import numpy as np
import pytest
from _networks import rng
from sklearn.datasets import load_breast_cancer, load_digits

from backprop_lib import datasets

made = pytest.mark.parametrize("make", [datasets.moons, datasets.spirals])
REAL = {"digits": (datasets.digits, 64, 10), "cancer": (datasets.breast_cancer, 30, 1)}
real = pytest.mark.parametrize(("load", "n_in", "n_out"), REAL.values(), ids=REAL)


def test_xor_is_exclusive_or():
    x, t = datasets.xor()
    assert x.shape == (4, 2)
    assert t.shape == (4, 1)
    assert {(*row, *out) for row, out in zip(x, t, strict=True)} == {
        (a, b, float(bool(a) != bool(b))) for a in (0.0, 1.0) for b in (0.0, 1.0)
    }
    x += 1
    assert datasets.xor()[0].max() == 1


# Made data


@made
@pytest.mark.parametrize("n", [2, 3, 100, 101, np.int64(50)])
def test_made_data_have_their_shapes_and_two_classes(make, n):
    x, t = make(n, rng=rng())
    assert x.shape == (n, 2)
    assert t.shape == (n, 1)
    assert x.dtype == t.dtype == np.float64
    assert np.isfinite(x).all()
    assert set(t.ravel()) == {0.0, 1.0}
    assert abs(t.sum() - n / 2) <= 0.5


@made
def test_made_data_depend_on_the_rng_alone(make):
    for a, b in zip(make(50, rng=rng(1)), make(50, rng=rng(1)), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (make(50, rng=rng(1))[0] != make(50, rng=rng(2))[0]).any()
    source = rng()
    assert (make(50, rng=source)[0] != make(50, rng=source)[0]).any()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    make(50, rng=rng())
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def on_the_moons(x, t):
    """Distance of each point to its half circle: the upper, or the lower one moved."""
    centre = np.where(t == 0, [0.0, 0.0], [1.0, 0.5])
    return np.abs(np.hypot(*(x - centre).T) - 1)


def test_moons_without_noise_are_half_circles():
    x, t = datasets.moons(200, noise=0.0, rng=rng())
    assert on_the_moons(x, t).max() < 1e-12
    assert (x[t[:, 0] == 0, 1] >= -1e-12).all()
    assert (x[t[:, 0] == 1, 1] <= 0.5 + 1e-12).all()


def test_spirals_without_noise_are_spirals():
    turns = 1.5
    x, t = datasets.spirals(400, turns=turns, noise=0.0, rng=rng())
    radius = np.hypot(*x.T)
    assert (radius >= 0.1).all()
    assert (radius <= 1.0).all()
    # The angle grows with the radius, and the second arm is half a turn ahead.
    angle = np.arctan2(x[:, 1], x[:, 0]) - 2 * np.pi * turns * radius - np.pi * t[:, 0]
    assert np.abs(np.exp(1j * angle) - 1).max() < 1e-12
    # √ of a uniform number: as many points within r as within area.
    assert abs(np.mean(radius**2 < 0.5) - 0.4 / 0.99) < 5 * 0.5 / np.sqrt(400)


@made
def test_the_noise_has_its_deviation(make):
    n, noise = 2000, 0.05
    clean = make(n, noise=0.0, rng=rng())[0]
    moved = make(n, noise=noise, rng=rng())[0] - clean
    if make is datasets.moons:
        # The points are drawn in another order: only distances across the arc remain.
        x, t = make(n, noise=noise, rng=rng())
        moved = on_the_moons(x, t)
    rms = np.sqrt(np.mean(moved**2))
    assert abs(rms - noise) < 5 * noise / np.sqrt(n)


# Real data


def whole(split):
    return np.vstack([split.x_train, split.x_test]), np.vstack(
        [split.t_train, split.t_test]
    )


@real
def test_real_data_have_their_shapes_and_no_gaps(load, n_in, n_out):
    split = load()
    examples = {64: 1797, 30: 569}[n_in]
    assert len(split.x_train) + len(split.x_test) == examples
    assert abs(len(split.x_test) - examples / 4) < 1
    for x, t in [(split.x_train, split.t_train), (split.x_test, split.t_test)]:
        assert x.shape == (len(x), n_in)
        assert t.shape == (len(x), n_out)
        assert x.dtype == t.dtype == np.float64
        assert np.isfinite(x).all()
        assert set(t.ravel()) == {0.0, 1.0}


@real
def test_the_split_is_fixed_and_each_call_gives_arrays_of_its_own(load, n_in, n_out):
    first, second = load(), load()
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
        a += 1.0
        assert (a != b).all()
    for a, b in zip(load(), second, strict=True):
        np.testing.assert_array_equal(a, b)


@real
def test_the_parts_are_disjoint_and_together_the_whole(load, n_in, n_out):
    # Every example once, in one part or the other: as a multiset, duplicates included.
    source = (load_digits if n_in == 64 else load_breast_cancer)()
    x, _ = whole(load())
    given = source.data / 16 if n_in == 64 else source.data
    if n_in == 30:
        train = load().x_train
        # Undo the scaling, feature by feature: it is linear, so a fit of it is exact.
        order = np.argsort(x, axis=0), np.argsort(given, axis=0)
        for j in range(30):
            a, b = x[order[0][:, j], j], given[order[1][:, j], j]
            slope, offset = np.polyfit(a, b, 1)
            np.testing.assert_allclose(slope * a + offset, b, rtol=1e-9, atol=1e-9)
        assert len(np.unique(np.round(x, 9), axis=0)) == len(np.unique(given, axis=0))
        assert len(train) < len(x)
    else:
        np.testing.assert_array_equal(x[np.lexsort(x.T)], given[np.lexsort(given.T)])
    train, test = ({row.tobytes() for row in part} for part in (load()[0], load()[2]))
    assert not train & test


@real
def test_the_classes_keep_their_shares(load, n_in, n_out):
    split = load()
    train, test = split.t_train.mean(axis=0), split.t_test.mean(axis=0)
    # A stratified part is off by less than one example of each class.
    assert np.abs(train - test).max() < 1 / len(split.t_test) + 1 / len(split.t_train)


def test_digits_are_scikit_learns_images():
    split, source = datasets.digits(), load_digits()
    labels = {}
    for image, label in zip(source.images, source.target, strict=True):
        labels[(image / 16).tobytes()] = label
    x, t = whole(split)
    assert x.min() == 0.0
    assert x.max() == 1.0
    assert (t.sum(axis=1) == 1).all()
    for row, one_hot in zip(x, t, strict=True):
        # x = 8 rows of 8 pixels, and its target the digit that scikit-learn gives it.
        assert labels[row.reshape(8, 8).tobytes()] == one_hot.argmax()
    assert (x * 16 == np.round(x * 16)).all()


def test_breast_cancer_is_scaled_by_its_training_part_alone():
    split = datasets.breast_cancer()
    # A mean of 426 numbers of size 1, after a rounding each of size |centre| / spread.
    assert np.abs(split.x_train.mean(axis=0)).max() < 1e-13
    np.testing.assert_allclose(split.x_train.std(axis=0), 1.0, rtol=1e-13)
    # Of the held-out part, 143 numbers, the mean is off by about 1/√143; were the whole
    # used for scaling, the training part would show it.
    test = np.abs(split.x_test.mean(axis=0))
    assert 0.01 < test.max() < 5 / np.sqrt(143)


def test_malignant_is_1():
    split, source = datasets.breast_cancer(), load_breast_cancer()
    assert source.target_names[0] == "malignant"
    malignant = np.sum(source.target == 0)
    assert whole(split)[1].sum() == malignant == 212
    # Larger tumours are the malignant ones: feature 0 is the mean radius.
    x, t = whole(split)
    assert x[t[:, 0] == 1, 0].mean() > x[t[:, 0] == 0, 0].mean()
