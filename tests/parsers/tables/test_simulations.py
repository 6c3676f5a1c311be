"""State logs of simulations are told from trainings by their quantities, and by what is missing."""

import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.parsers.tables.simulations import refusal_of_names

STATE = ["Step", "Time (ps)", "Potential Energy (kJ/mole)", "Kinetic Energy (kJ/mole)", "Temperature (K)", "Density (g/mL)"]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "is_simulation"),
    [
        (STATE, True),
        (["Step", "Temp", "E_pair", "E_mol", "TotEng", "Press"], True),
        (["step", "temp", "press", "volume"], True),
        (["step", "temp", "press", "energy"], False),  # two quantities
        (["step", "temp", "temperature", "press"], False),  # again two
        ([*STATE, "loss"], False),
        ([*STATE, "energy_mae"], False),
        ([*STATE, "train_force"], False),
        (["epoch", *STATE[1:]], False),
    ],
)
def test_quantities_of_a_state_without_any_of_a_training(names, is_simulation):
    assert bool(refusal_of_names(names)) is is_simulation


def table(names, rows=9):
    lines = [" ".join(f"{name:>12}" for name in names)]
    lines += [" ".join(f"{value:12.6g}" for value in (100 * i, *(1.5 / (i + k) for k in range(1, len(names))))) for i in range(rows)]  # fmt: skip
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("last", "is_read"), [("Press", False), ("Loss", True)])
@pytest.mark.parametrize("name", ["thermo.log", "thermo.csv"])
def test_a_simulation_is_passed_over_with_the_reason(tmp_path, name, last, is_read):
    names = ["Step", "Temp", "Volume", "TotEng", last]
    text = "fix 1 all nve\nrun 900\n" + table(names) if name.endswith(".log") else table(names)
    (tmp_path / name).write_text(text)
    found = discover([tmp_path])
    assert bool(found.groups) is is_read
    assert ["a simulation, not a training" in note.message for note in found.skipped] == [True] * (not is_read)
