// Every sentence of the phone page.

export const STATES = {
  connecting: "正在接通",
  greeting: "请听提示",
  listening: "请讲",
  hearing: "正在听",
  thinking: "正在查，请稍等",
  speaking: "正在说话",
  waiting: "等待人工",
  talking: "人工通话中",
  reconnecting: "信号不好，正在重连",
};

export const ENDINGS = {
  caller: "通话结束",
  us: "通话结束",
  lost: "信号断了，通话结束",
  unreachable: "没有接通",
  transferred: "已转接，通话结束",
};
export const ENDED = "通话结束";

export const SPEAKERS = { caller: "您", bot: "智能助手", seat: "人工" };

export const PROBLEMS = {
  refused: ["没有话筒的使用许可", "请点一下浏览器地址栏旁的小锁或设置，把“麦克风”改成“允许”，再按绿色按钮。"],
  not_secure: ["这个网址不能使用话筒", "手机和浏览器只让安全网址（https:// 开头）使用话筒。请点下面的按钮；若提示证书不受信任，请选择继续访问。"],
  missing: ["没有找到话筒", "请插上耳机或话筒再试。您也可以打字办理。"],
  in_use: ["话筒打不开", "可能正被别的软件占用。请关掉正在录音或通话的软件，再按绿色按钮。"],
  old_browser: ["这个浏览器不能打电话", "请更新浏览器后再试，或直接拨打 12345。"],
  unreachable: ["没有接通", "热线正忙或网络不通。请过一会儿再按绿色按钮，或直接拨打 12345。"],
};
