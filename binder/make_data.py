"""Make the quickstart's data: hourly readings of 1,000 weather stations, and a field of that year.

Runs once (some seconds) and keeps the files in ``binder/data``; nothing is downloaded. The
numbers are made up, with the seasons and the days in them that real ones have.

- ``readings/``: Parquet, one file a fortnight: station, time, temperature (°C), rain (mm),
  wind (m/s); 8.7 million rows.
- ``field/``: a NumPy stack of the temperature over a 180 x 160 grid, six hourly, float32.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "data"
STATIONS = 1_000
HOURS = 24 * 364
PARTS = 26  # fortnights
GRID = (180, 160)
STEPS = 4 * 364  # every six hours


def climate(hours: np.ndarray) -> np.ndarray:
    """Mean temperature (°C) at hours since New Year: a season and a day."""
    season = -12 * np.cos(2 * np.pi * hours / (24 * 365))
    day = -4 * np.cos(2 * np.pi * (hours - 3) / 24)
    return 11 + season + day


def make_readings(folder: Path) -> None:
    """One Parquet file a fortnight."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(7)
    bias = random.normal(0, 5, STATIONS).astype("float32")
    hours_each = HOURS // PARTS
    for part in range(PARTS):
        hours = np.arange(part * hours_each, (part + 1) * hours_each)
        count = len(hours) * STATIONS
        temperature = np.repeat(climate(hours), STATIONS) + np.tile(bias, len(hours))
        frame = pd.DataFrame(
            {
                "station": np.tile(np.arange(STATIONS, dtype="int32"), len(hours)),
                "time": np.repeat(
                    pd.Timestamp("2025-01-01") + pd.to_timedelta(hours, unit="h"), STATIONS
                ),
                "temperature": (temperature + random.normal(0, 2, count)).astype("float64"),
                "rain": random.gamma(0.15, 1.4, count),
                "wind": random.weibull(2.0, count) * 5,
            }
        )
        frame.to_parquet(folder / f"part-{part:02d}.parquet", compression=None)
        print(f"readings: fortnight {part + 1} of {PARTS}", flush=True)


def make_field(folder: Path) -> None:
    """A stack of arrays that ``dask.array.from_npy_stack`` reads."""
    import dask.array as da

    rows = np.linspace(8, -8, GRID[0], dtype="float32")[:, None]
    steps_each = STEPS // 28

    def block(block_info: object = None) -> np.ndarray:
        number = block_info[None]["chunk-location"][0]  # type: ignore[index]
        random = np.random.default_rng(number)
        hours = 6 * np.arange(number * steps_each, (number + 1) * steps_each)
        mean = climate(hours).astype("float32")[:, None, None]
        return mean + rows + random.standard_normal((steps_each, *GRID), dtype="float32")

    field = da.map_blocks(
        block,
        chunks=((steps_each,) * 28, *((size,) for size in GRID)),
        dtype="float32",
        meta=np.empty((0, 0, 0), "float32"),
    )
    da.to_npy_stack(str(folder), field, axis=0)
    print("field: done", flush=True)


def main() -> Path:
    """Make what is missing; returns the folder."""
    for name, make in (("readings", make_readings), ("field", make_field)):
        if not (FOLDER / name).exists():
            part = FOLDER / f"{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            make(part)
            part.rename(FOLDER / name)  # whole or not at all
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    print(f"{size / 1e6:.0f} MB in {FOLDER.name}/")
    return FOLDER


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
