"""What a measurement is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """One figure beside its target. `at_most` False: the figure should be at least the target."""

    name: str
    measured: float
    target: float
    unit: str = "x"
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.measured <= self.target if self.at_most else self.measured >= self.target

    def as_json(self) -> dict[str, object]:
        return {
            "goal": self.name,
            "measured": round(self.measured, 3),
            "target": ("<= " if self.at_most else ">= ") + f"{self.target:g}",
            "unit": self.unit,
            "met": self.met,
        }

    def __str__(self) -> str:
        told = self.as_json()
        mark = "met   " if self.met else "MISSED"
        return f"{mark} {self.name}: {told['measured']} {self.unit} (target {told['target']})"


@dataclass
class Findings:
    """What one part of the benchmark found; `wrong` holds sentences about results that differ."""

    record: dict[str, object] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
