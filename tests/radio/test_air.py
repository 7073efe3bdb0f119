"""The virtual air alone: what two bumble radios hear of each other."""

import asyncio
import contextlib
import itertools

import pytest
from bumble import core, hci
from bumble.device import AdvertisingType

from tools.bench.air import Air, put_on_air
from tools.bench.phone import Phone

SILENT = hci.Address("C0:00:00:00:00:01")


async def listener(air, *, window_ms=60, interval_ms=60, active=False):
    device, _ = put_on_air(air, "listener", "F0:00:00:00:00:01")
    await device.power_on()
    reports = []
    device.host.on("advertising_report", reports.append)
    await device.start_scanning(
        active=active, scan_interval=interval_ms, scan_window=window_ms, filter_duplicates=False
    )
    return device, reports


async def heard(air, count=40):
    """The RSSI of those of `count` adverts that arrive from 2 m away."""
    device, reports = await listener(air)
    phone = Phone(air, "phone", b"\x02\x01\x06", interval_ms=None)
    await phone.switch_on()
    phone.move(200, 0)
    await phone.advertise_now(count)
    await asyncio.sleep(0.05)
    await phone.switch_off()
    await device.power_off()
    return [report.rssi for report in reports]


async def test_the_same_seed_gives_the_same_fading_and_another_seed_another():
    def air(seed):
        return Air(seed=seed, fading_db=5, loss=0.2)

    first, again, other = [await heard(air(seed)) for seed in (1, 1, 2)]
    assert first == again != other
    assert 20 < len(first) < 40


async def test_without_fading_or_loss_every_advert_arrives_the_same():
    assert await heard(Air()) == [-66] * 40


async def test_a_receiver_that_listens_a_tenth_of_the_time_hears_about_a_tenth():
    air = Air()
    device, reports = await listener(air, window_ms=5, interval_ms=50)
    phone = Phone(air, "phone", b"\x02\x01\x06", interval_ms=None)
    await phone.switch_on()
    for _ in range(200):
        await phone.advertise_now()
        await asyncio.sleep(0.003)
    await phone.switch_off()
    await device.power_off()
    assert 5 <= len(reports) <= 50


@pytest.mark.parametrize(("active", "answers"), [(True, {b"name"}), (False, set())])
async def test_only_an_active_scan_gets_the_scan_response(active, answers):
    air = Air()
    device, reports = await listener(air, active=active)
    other, _ = put_on_air(air, "lamp", "F0:00:00:00:00:02")
    await other.power_on()
    await other.start_advertising(
        AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE,
        advertising_data=b"advert",
        scan_response_data=b"name",
        advertising_interval_min=20,
        advertising_interval_max=20,
    )
    await asyncio.sleep(0.2)
    await other.power_off()
    await device.power_off()
    assert {bytes(each.data) for each in reports} == answers | {b"advert"}


async def test_advertisements_are_not_sent_on_the_beat():
    air = Air()
    loop, times = asyncio.get_running_loop(), []
    device, _ = await listener(air)
    device.host.on("advertising_report", lambda _: times.append(loop.time()))
    other, _ = put_on_air(air, "lamp", "F0:00:00:00:00:02")
    await other.power_on()
    await other.start_advertising(
        AdvertisingType.UNDIRECTED, advertising_interval_min=20, advertising_interval_max=20
    )
    await asyncio.sleep(0.5)
    await other.power_off()
    await device.power_off()
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) - min(gaps) > 0.004


async def test_connecting_to_nobody_ends_in_time():
    air = Air()
    device, _ = await listener(air)
    with pytest.raises((core.TimeoutError, TimeoutError, core.BaseBumbleError)):
        await asyncio.wait_for(device.connect(SILENT, timeout=0.2), 3)
    with contextlib.suppress(core.BaseBumbleError):
        await device.power_off()
