// How long support may look at this customer still; when it is over, the page asks why again.

const places = document.querySelectorAll("[data-seconds]");
const began = performance.now();

function show(place) {
  const left = Number(place.dataset.seconds) - (performance.now() - began) / 1000;
  if (left <= 0) location.reload();
  const minutes = Math.ceil(left / 60);
  place.textContent = `, ${minutes === 1 ? "one more minute" : `${minutes} more minutes`}`;
}

function tick() {
  places.forEach(show);
}

if (places.length) {
  tick();
  setInterval(tick, 5000);
}
