"""Everyday programs, tables and answers of chat assistants, as the files of texts/ have them."""

from pathlib import Path

import pytest

from core.layers.calculator import analyze, totals
from core.layers.parse import ParseError, read
from core.layers.specs import Conv, Network, Pad, PadKind, Residual
from tests.layers.test_parse_corpus import COLOR, GRAY, HEAD, Size, compare

TEXTS = Path(__file__).with_name("texts")
REFUSED = sorted(path.stem for path in TEXTS.joinpath("refused").iterdir())
# Each defines `net`, and is compared with what torch runs.
PROGRAMS: dict[str, Size] = {
    "timm_block": COLOR,
    "dataclass": COLOR,
    "walrus_fstring": COLOR,
    "module_dict": COLOR,
    "module_dict_loop": COLOR,
    "functional_in_full": GRAY,
    "preact": COLOR,
    "autoencoder_view": GRAY,
    "dcgan_g": (100, 1, 1),
    "probe_size": GRAY,
    "probe_numel": COLOR,
    "sentdex": (1, 50, 50),
    "argparse": GRAY,
    "config_class": COLOR,
    "match_getattr": COLOR,
    "zip_lists": COLOR,
    "partial": COLOR,
    "shape_unpack": COLOR,
    "squeezes": COLOR,
    "mean_twice": COLOR,
    "children": COLOR,
    "activation_dict_in_class": GRAY,
    "mul_of_airbench": COLOR,
    "branches_two_convs": COLOR,
    "while_loop": COLOR,
    "nested_functions": COLOR,
    "flatten_comprehension": COLOR,
    "sum_of_lists": COLOR,
    "ordered_f_string": COLOR,
}


def text_of(folder: str, name: str) -> str:
    return TEXTS.joinpath(folder, f"{name}.txt").read_text(encoding="utf-8")


def test_every_text_is_listed_here() -> None:
    for folder, names in (("programs", PROGRAMS), ("others", OTHERS)):
        assert sorted(names) == sorted(path.stem for path in TEXTS.joinpath(folder).iterdir())


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_read_as_torch_runs_it(name: str) -> None:
    compare(text_of("programs", name), PROGRAMS[name])


def test_what_drops_paths_in_training_alone_is_left_out() -> None:
    block = text_of("programs", "timm_block").replace("BasicBlock(8, 8)", "BasicBlock(8, 8, drop_path=0.1)")
    assert "drop_path=0.1" in block
    compare(block, COLOR)


# Each with the picture's shape, if it has to be given, and the parameters and the output's shape that it has.
OTHERS: dict[str, tuple[Size | None, int, tuple[int, ...]]] = {
    "lightning": (GRAY, 20_410, (10,)),
    "notebook": (COLOR, 72_234, (10,)),
    "keras_add_functional": (None, 19_978, (10,)),
    "keras_subclass": (GRAY, 347_146, (10,)),
    "keras_augment": (None, 1_169, (1,)),
    "keras_named": (None, 13_626, (10,)),
    "keras_2_summary": (None, 34_826, (10,)),
    "keras_2_functional_summary": (None, 2_970, (10,)),
    "keras_3_functional_summary": (None, 166_650, (10,)),
    "torchinfo_columns": (None, 11_658, (10,)),
    "torchsummary_bn": (None, 111_528, (1000,)),
    "markdown_answer": (COLOR, 545_098, (10,)),
    "markdown_two_answers": (COLOR, 20_714, (10,)),
    "prose_without_fences": (COLOR, 72_234, (10,)),
    "ipython_session": (COLOR, 224, (8, 30, 30)),
    "numbered_lines": (COLOR, 224, (8, 30, 30)),
    "diff": (COLOR, 240, (8, 30, 30)),
    "printed_modulelist": (COLOR, 1_482, (10,)),
    "loss_last": (COLOR, 224, (8, 30, 30)),
    "async_junk": (GRAY, 61_706, (10,)),
    "torchinfo_resnet_deep": (None, 17_242, (10,)),
    "keras_2_downsample": (None, 20_904, (8, 16, 16)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_text_has_these_parameters_and_this_output(name: str) -> None:
    shape, parameters, output = OTHERS[name]
    found = read(text_of("others", name), shape)
    rows = analyze(found.layers, found.input_shape)
    assert (totals(rows).parameters, rows[-1].output_shape) == (parameters, output)


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_layers_express_is_refused_in_a_sentence(name: str) -> None:
    text = text_of("refused", name)
    with pytest.raises(ParseError) as caught:
        read((HEAD if "torch" in text else "") + text, COLOR)
    assert len(caught.value.reason) > 30


def blocks(layers: Network) -> list[tuple[int, int]]:
    return [(len(layer.body), len(layer.shortcut)) for layer in layers if isinstance(layer, Residual)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("keras_2_functional_summary", [(1, 0)]),
        ("keras_3_functional_summary", [(2, 0)]),
        ("keras_2_downsample", [(2, 1)]),
        ("torchinfo_resnet_deep", [(5, 2)]),
    ],
)
def test_a_table_that_says_its_connections_has_blocks(name: str, expected: list[tuple[int, int]]) -> None:
    assert blocks(read(text_of("others", name)).layers) == expected


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_a_padding_that_is_not_zeros_is_a_layer_of_its_own(mode: PadKind) -> None:
    found = read(f"nn.Sequential(nn.Conv2d(3, 4, (3, 5), padding=(1, 2), padding_mode='{mode}'))", COLOR)
    assert found.layers == (Pad(1, 2, mode), Conv(4, (3, 5)))
    assert "padding_mode" in found.notes[0]
    even = read(f"nn.Sequential(nn.Conv2d(3, 4, 4, padding='same', padding_mode='{mode}'))", COLOR)
    assert even.layers == (Pad((1, 2), (1, 2), mode), Conv(4, 4))


def test_names_of_weights_alone_are_refused_with_what_to_paste() -> None:
    names = [f"{layer}.{kind}" for layer in ("conv1", "fc1") for kind in ("weight", "bias")]
    for text in ("\n".join(names), f"odict_keys({names})", ", ".join(names)):
        with pytest.raises(ParseError, match="state_dict"):
            read(text, COLOR)
