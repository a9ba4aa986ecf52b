// The console until the desks come: calls, their turns, tickets, the state of the parts.
// Words of callers are only ever set as text.

const element = (id) => document.getElementById(id);
const CHANNELS = { phone: "电话", web: "网页", text: "文字" };
const ACTIONS = {
  greet: "问候", ask: "追问", answer: "解答", confirm: "复述确认", ticket_created: "已建单", ticket_updated: "已更新工单",
  ticket_status: "答复进度", transfer_human: "转人工", transfer_emergency: "转紧急电话", callback: "约定回电", wait: "等待",
  repair: "请再说一遍", decline: "婉拒", rate: "请评分", close: "结束",
};
const PARTS = { line: "电话", web: "网页", recognition: "识别", synthesis: "合成" };
const STATES = {
  greeting: "问候", listening: "听取来意", collecting: "询问细节", confirming: "核对", waiting: "等待办理", closing: "道别", ended: "已结束",
};
const REASONS = {
  caller: "来电人挂断", us: "我方挂断", transferred: "已转接", handed_over: "已转人工", lost: "线路中断", rtp_timeout: "没有声音", error: "故障",
  too_long: "超过时长", max_duration: "超过时长", no_input: "没有说话", done: "正常结束",
};
const REFRESH = 5000;
const EDITORS = ["admin", "editor"];
const SEATS = ["admin", "supervisor", "seat"];
const WORKERS = ["admin", "supervisor", "dispatcher", "handler"]; // who gets the pages for tickets

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (answer.status === 401) location.assign("/login");
  const body = await answer.json();
  if (!answer.ok && answer.status !== 503) throw new Error(body.detail ?? "读取失败");
  return body;
}

function make(tag, text, className) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

function row(...cells) {
  const line = make("tr");
  for (const cell of cells) {
    const box = make("td");
    box.append(cell ?? "");
    line.append(box);
  }
  return line;
}

function note(list, text) {
  const line = make("tr");
  const box = make("td", text, "empty");
  box.colSpan = 5;
  line.append(box);
  element(list).replaceChildren(line);
}

// Times are shown as the hotline gives them: in the city's zone, wherever the browser is.
const when = (iso) => `${iso.slice(5, 7)}/${iso.slice(8, 10)} ${iso.slice(11, 16)}`;
function isToday(iso) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [null, "+", "0", "0"];
  const ahead = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return new Date(Date.now() + ahead * 60_000).toISOString().slice(0, 10) === iso.slice(0, 10);
}

function length(call) {
  if (!call.ended) return "通话中";
  const seconds = Math.round((new Date(call.ended) - new Date(call.started)) / 1000);
  return seconds < 60 ? `${seconds} 秒` : `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`;
}

/** How the call ended; while it runs, how far it is. */
function outcome(call) {
  return (call.ended && REASONS[call.reason]) || STATES[call.state] || call.reason || call.state || "—";
}

async function showParts() {
  try {
    const { parts } = await get("/readyz");
    const items = parts.map((part) => {
      const item = make("li", PARTS[part.name] ?? part.name, part.ready ? "" : "down");
      item.append(make("span", ` ${part.ready ? "正常" : "未就绪"}${part.note ? `，${part.note}` : ""}`));
      return item;
    });
    element("part-list").replaceChildren(...(items.length ? items : [make("li", "没有部件在运行", "down")]));
  } catch {
    element("part-list").replaceChildren(make("li", "读不到状态，请检查网络", "down"));
  }
}

/** A table that grows page by page; `refresh` reloads the first page unless more were asked for. */
function pagedTable({ path, rows, more, draw, none }) {
  let paged = false;
  async function load(cursor) {
    const page = await get(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
    const lines = page.items.map(draw);
    if (cursor) element(rows).append(...lines);
    else if (lines.length) element(rows).replaceChildren(...lines);
    else note(rows, none);
    element(more).hidden = !page.next_cursor;
    element(more).onclick = () => {
      paged = true;
      load(page.next_cursor).catch((error) => note(rows, error.message));
    };
    return page.items;
  }
  return async () => {
    if (paged) return null;
    try {
      return await load(null);
    } catch (error) {
      note(rows, error.message);
      return null;
    }
  };
}

let selected = null;

const refreshCalls = pagedTable({
  path: "/api/v1/calls?limit=20",
  rows: "call-rows",
  more: "more-calls",
  none: "还没有通话。请到“网上通话”打一个试试。",
  draw(call) {
    const open = make("button", when(call.started));
    open.type = "button";
    open.addEventListener("click", () => showCall(call.call_id));
    const line = row(open, call.caller || "未显示号码", CHANNELS[call.channel] ?? call.channel, length(call), outcome(call));
    line.dataset.call = call.call_id;
    line.setAttribute("aria-selected", String(call.call_id === selected));
    return line;
  },
});

const refreshTickets = pagedTable({
  path: "/api/v1/tickets?limit=20",
  rows: "ticket-rows",
  more: "more-tickets",
  none: "还没有工单。",
  draw: (ticket) => row(ticket.ticket_no, ticket.title, ticket.state_name, ticket.department ?? "待分派", when(ticket.due_at)),
});

async function showCall(id) {
  selected = id;
  for (const line of element("call-rows").children) line.setAttribute("aria-selected", String(line.dataset.call === id));
  const section = element("detail");
  let call;
  try {
    call = await get(`/api/v1/calls/${encodeURIComponent(id)}`);
  } catch (error) {
    element("detail-facts").textContent = error.message;
    section.hidden = false;
    return;
  }
  element("detail-facts").textContent = [
    `编号 ${call.call_id}`,
    call.caller || "未显示号码",
    `拨打 ${call.dialled}`,
    length(call),
    call.score ? `评分 ${call.score}` : "未评分",
  ].join(" · ");
  const audio = element("recording");
  audio.hidden = !call.has_recording;
  if (call.has_recording) audio.src = `/api/v1/calls/${encodeURIComponent(id)}/recording`;
  else audio.removeAttribute("src");
  element("turns").replaceChildren(...(call.turns.length ? call.turns.map(drawTurn) : [make("li", "没有对话。", "empty")]));
  section.hidden = false;
  section.scrollIntoView({ behavior: "smooth", block: "nearest" });
}

function drawTurn(turn) {
  const item = make("li");
  if (turn.transcript || turn.keys) item.append(make("p", turn.transcript || `按键 ${turn.keys}`, "caller"));
  if (turn.reply) item.append(make("p", turn.interrupted ? `${turn.heard}（被打断）` : turn.reply, "bot"));
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} 秒`;
  const facts = [
    `第 ${turn.index} 轮`,
    ACTIONS[turn.action] ?? turn.action,
    turn.article,
    turn.ticket_no && `工单 ${turn.ticket_no}`,
    turn.transcript && `置信度 ${Math.round(turn.confidence * 100)}%`,
    turn.transcript && turn.replied_ms > turn.ended_ms && `应答用时 ${seconds(turn.replied_ms - turn.ended_ms)}`,
  ];
  item.append(make("p", facts.filter(Boolean).join(" · "), "facts"));
  return item;
}

async function refresh() {
  if (document.hidden) return;
  const [calls] = await Promise.all([refreshCalls(), refreshTickets(), showParts()]);
  if (calls) {
    const today = calls.filter((call) => isToday(call.started)).length;
    element("today").textContent = `今天 ${today === calls.length && today >= 20 ? `${today}+` : today} 通`;
  }
}

async function begin() {
  const me = await get("/api/v1/me");
  element("me").textContent = me.name;
  element("form-token").value = me.form_token;
  if (WORKERS.includes(me.role)) {
    const tickets = make("a", "工单");
    tickets.href = "/tickets/";
    element("links").prepend(tickets);
  }
  if (SEATS.includes(me.role)) {
    const seat = make("a", "坐席台");
    seat.href = "/seat/";
    element("links").prepend(seat);
  }
  if (EDITORS.includes(me.role)) {
    const flows = make("a", "流程");
    flows.href = "/flows/";
    element("links").prepend(flows);
  }
  await refresh();
  setInterval(refresh, REFRESH);
}

begin().catch((error) => note("call-rows", error.message));
