// Which window this is. The name outlives a reload; a window that was duplicated gets one of its own.
const PLACE = "seat.tab";

function fresh() {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;
}

/** Holds `name` as long as the window lives; false when another window holds it. */
function held(name) {
  if (!navigator.locks) return Promise.resolve(true); // without HTTPS
  return new Promise((resolve) => {
    const options = { signal: AbortSignal.timeout(800) }; // a page before this one may be going away
    navigator.locks
      .request(`seat.${name}`, options, () => {
        resolve(true);
        return new Promise(() => {});
      })
      .catch(() => resolve(false));
  });
}

export async function tabName() {
  let name = sessionStorage.getItem(PLACE);
  if (!name || !(await held(name))) {
    name = fresh();
    await held(name);
  }
  sessionStorage.setItem(PLACE, name);
  return name;
}
