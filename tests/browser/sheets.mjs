// sheets.mjs: three lists as a school's clerk has them, for the wizard to choke on. A workbook as WPS
// writes it (a title and a line about the form above the heading, a heading of two merged rows, blank
// columns, numbers as text and as numbers, dates as serials, a name padded with blanks, notes below); a
// CSV in GBK as the guards' firm sends it (odd names of columns, digits of full width, notes below); and
// rows copied from a table in which the building is one merged cell. All names are invented.
import { deflateRawSync } from 'node:zlib';

// ---- zip and xlsx, the little that a workbook needs ----
const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xEDB88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc = (b) => (b.reduce((c, x) => TABLE[(c ^ x) & 255] ^ (c >>> 8), 0xFFFFFFFF) ^ 0xFFFFFFFF) >>> 0;

function zip(files) {
  const parts = [], dir = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const raw = Buffer.from(text), packed = deflateRawSync(raw), n = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(8, 4);
    head.writeUInt32LE(crc(raw), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(raw.length, 18);
    head.writeUInt16LE(n.length, 22);
    parts.push(Buffer.from('PK\x03\x04'), head, n, packed);
    const tail = Buffer.alloc(16);
    tail.writeUInt32LE(at, 12);
    dir.push(Buffer.from('PK\x01\x02\x14\x00'), head, tail.subarray(2), n);
    at += 30 + n.length + packed.length;
  }
  const d = Buffer.concat(dir), end = Buffer.alloc(18);
  end.writeUInt16LE(dir.length / 4, 4);
  end.writeUInt16LE(dir.length / 4, 6);
  end.writeUInt32LE(d.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, d, Buffer.from('PK\x05\x06'), end]);
}

const xml = (s) => String(s).replace(/&/g, '&amp;').replace(/</g, '&lt;');
const letter = (c) => String.fromCharCode(65 + c);

// A cell is text, a number, or {day: serial}. Style 1 shows a date, as WPS's 14.
function workbook(rows, merges) {
  const shared = [];
  const body = rows.map((row, r) => `<row r="${r + 1}" spans="1:12" ht="21">` + row.map((v, c) => {
    const ref = letter(c) + (r + 1);
    if (v === '' || v === undefined) return `<c r="${ref}" s="2"/>`;
    if (typeof v === 'object') return `<c r="${ref}" s="1"><v>${v.day}</v></c>`;
    if (typeof v === 'number') return `<c r="${ref}" s="2"><v>${v}</v></c>`;
    return `<c r="${ref}" s="2" t="s"><v>${shared.push(v) - 1}</v></c>`;
  }).join('') + '</row>').join('');
  const ns = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const rels = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  const part = (id, kind, target) => `<Relationship Id="rId${id}" Type="${office}/${kind}" Target="${target}"/>`;
  const ties = (...list) => `${head}<Relationships xmlns="${rels}">${list.join('')}</Relationships>`;
  const tabs = '<sheet name="花名册" sheetId="1" r:id="rId1"/><sheet name="Sheet2" sheetId="2" r:id="rId2"/>';
  const month = '<numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;;@"/>';
  return zip({
    '[Content_Types].xml':
      `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    '_rels/.rels': ties(part(1, 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': `${head}<workbook xmlns="${ns}" xmlns:r="${office}"><fileVersion appName="wps"/>`
      + `<sheets>${tabs}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': ties(part(1, 'worksheet', 'worksheets/sheet1.xml'),
      part(2, 'worksheet', 'worksheets/sheet2.xml'), part(3, 'sharedStrings', 'sharedStrings.xml'),
      part(4, 'styles', 'styles.xml')),
    'xl/worksheets/sheet1.xml': `${head}<worksheet xmlns="${ns}"><dimension ref="A1:L${rows.length}"/>`
      + `<sheetData>${body}</sheetData><mergeCells count="${merges.length}">`
      + `${merges.map((m) => `<mergeCell ref="${m}"/>`).join('')}</mergeCells></worksheet>`,
    'xl/worksheets/sheet2.xml': `${head}<worksheet xmlns="${ns}"><sheetData/></worksheet>`,
    'xl/sharedStrings.xml': `${head}<sst xmlns="${ns}">`
      + `${shared.map((s) => `<si><t xml:space="preserve">${xml(s)}</t></si>`).join('')}</sst>`,
    'xl/styles.xml': `${head}<styleSheet xmlns="${ns}"><numFmts count="1">${month}</numFmts><cellXfs count="3">`
      + '<xf numFmtId="0"/><xf numFmtId="176" applyNumberFormat="1"/><xf numFmtId="49"/></cellXfs></styleSheet>',
  });
}

// ---- GBK: what the decoder knows, turned round ----
const REVERSE = new Map();
for (let a = 0x81; a <= 0xFE; a++)
  for (let b = 0x40; b <= 0xFE; b++) {
    const s = b === 0x7F ? '' : new TextDecoder('gbk').decode(Uint8Array.of(a, b));
    if (s.length === 1 && s !== '\uFFFD' && !REVERSE.has(s)) REVERSE.set(s, [a, b]);
  }
const gbk = (text) => Buffer.from([...text].flatMap((c) => (c < '\x80' ? [c.charCodeAt(0)] : REVERSE.get(c))));
const wide = (digits) => digits.replace(/\d/g, (d) => String.fromCharCode(0xFF10 + Number(d)));

// ---- 1: the staff, WPS ----
const LEADERS = [
  ['韦  敏', '女', '校办', '党支部书记', '', 13877340101, { day: 39326 }],
  ['陈 立', '男', '校办', '校  长', '五（1）班道德与法治', '13877340102', { day: 40422 }],
  ['黎晓峰', '男', '校办', '副校长（分管安全）', '', '138-7734-0103', { day: 41153 }],
  ['蒙  岚', '女', '安全办', '安全办主任', '六年级科学', 13877340104, { day: 42614 }],
  ['覃海燕', '女', '德育处', '德育主任', '四（2）班语文', 13877340105, { day: 41883 }],
  ['罗文斌', '男', '教导处', '教导主任', '六（1）班数学', 13877340106, { day: 40787 }],
  ['韦丽萍', '女', '教科室', '教研主任', '三（1）班语文', 13877340107, { day: 42248 }],
  ['莫振华', '男', '总务处', '总务主任', '', 13877340108, { day: 38961 }],
  ['梁  静', '女', '校办', '办公室主任兼档案员', '', 13877340109, { day: 43344 }],
  ['农秀珍', '女', '工会', '工会主席', '二（2）班数学', 13877340110, { day: 38596 }],
  ['谭  勇', '男', '支部', '支部委员', '五（2）班体育', 13877340111, { day: 43709 }],
  ['卢思琪', '女', '德育处', '少先队辅导员', '音乐', 13877340112, { day: 44440 }],
  ['何玉兰', '女', '卫生室', '校医', '', 13877340113, { day: 44075 }],
];
const NAMES = ['岑小红', '邓美玲', '冯桂芳', '甘  露', '黄海波', '蓝  天', '李春梅', '刘  洋', '龙  梅', '陆建国',
  '吕  芳', '潘志强', '石  磊', '苏  婷', '唐  娟', '王丹丹', '吴  昊', '谢春燕', '杨  柳', '周  舟'];
const CLASSES = ['一（1）班', '一（2）班', '二（1）班', '二（2）班', '三（1）班', '三（2）班', '四（1）班', '四（2）班',
  '五（1）班', '五（2）班', '六（1）班', '六（2）班'];
const GRADES = ['一', '二', '三', '四', '五', '六'];
const SUBJECTS = ['语文', '数学', '英语', '体育', '美术', '科学', '音乐', '信息科技'];

function teachers() {
  return NAMES.map((name, i) => {
    const post = i >= 12 ? ['教师', '任课教师', '科任教师'][i % 3]
      : `${CLASSES[i]}班主任${i % 2 ? '' : `、${GRADES[i / 2]}年级组长`}`;
    const phone = 13877340201 + i;	// one as a number, one as text
    return [name, i % 3 ? '女' : '男', i < 12 ? `${GRADES[i >> 1]}年级组` : '综合组', post,
      (i < 12 ? CLASSES[i] : '') + SUBJECTS[i % 8], i % 2 ? String(phone) : phone, { day: 41518 + 137 * i }];
  });
}

export function staffBook() {
  const rows = [
    ['桂花路小学2026—2027学年度教职工基本情况一览表', '', '', '', '', '', '', '', '', '', '', ''],
    ['填报单位：桂花路小学（盖章）', '', '', '', '', '', '', '填报日期：2026年8月28日', '', '', '', ''],
    ['序号', '姓    名', '', '基本信息', '', '', '任职情况', '', '', '联系方式', '', '备注'],
    ['', '', '', '性别', '身份证号码', '来校时间', '处室/年级组', '职 务', '任教班级及学科', '联系电话\n（手机）', '', ''],
  ];
  [...LEADERS, ...teachers()].forEach(([name, sex, unit, post, teaches, phone, day], i) =>
    rows.push([i + 1, name, '', sex, `45020119800101${String(1000 + i)}`, day, unit, post, teaches, phone, '', '']));
  rows.push(Array(12).fill(''));
  rows.push(['备注：1.本表一式两份；2.职务变动的请在备注栏注明。', ...Array(11).fill('')]);
  rows.push(['校长签字：', '', '', '', '', '', '填表人：梁静', '', '', '', '', '']);
  return workbook(rows, ['A1:L1', 'A2:G2', 'H2:L2', 'A3:A4', 'B3:C4', 'D3:F3', 'G3:I3', 'J3:K3', 'L3:L4',
    `A${rows.length - 1}:L${rows.length - 1}`]);
}

// ---- 2: the people of the firm, GBK ----
export function firmCsv() {
  const people = [['韦建军', '保安（东门、白班）', '13907720001'], ['黄德才', '保安员', '13907720002'],
    ['覃志明', '门卫', '13907720003'],
    ['莫桂英', '保洁员', '13907720004'], ['李秀兰', '保洁', '13907720005'], ['陈有福', '水电工', '13907720006'],
    ['罗彩霞', '食堂管理员', '13907720007']];
  const lines = ['桂花路小学后勤、保安人员联系表,,,,,', ',,,,,', '编　号,姓 名,职  务,联系电话(手机),用工形式,到岗时间'];
  people.forEach(([name, post, phone], i) => lines.push([wide(`W0${i + 1}`), name, post, i % 2 ? phone : wide(phone),
    i < 5 ? '物业派驻' : '临聘', ['2025.3', '2024年9月1日', '2026/2/20'][i % 3]].join(',')));
  lines.push(',,,,,', '注：1、保安24小时轮班；2、电话有变请及时告知总务处。,,,,,', '合计,7人,,,,');
  return gbk(lines.join('\r\n') + '\r\n');
}

// ---- 3: the places, pasted; the building stands in the first row of each ----
export function placeRows() {
  const rooms = [
    ['教学楼', '一楼', '一（1）班教室', '岑小红'], ['', '', '一（2）班教室', '邓美玲'], ['', '', '教学楼大厅', '莫振华'],
    ['', '二楼', '二（1）班教室', '冯桂芳'], ['', '', '二（2）班教室', '甘露'], ['', '', '三（1）班教室', '黄海波'],
    ['', '', '三（2）班教室', '蓝天'], ['', '', '二楼走廊', '覃海燕'],
    ['', '三楼', '四（1）班教室', '李春梅'], ['', '', '四（2）班教室', '刘洋'], ['', '', '五（1）班教室', '龙梅'],
    ['', '', '五（2）班教室', '陆建国'], ['', '', '三楼走廊', '罗文斌'],
    ['', '四楼', '六（1）班教室', '吕芳'], ['', '', '六（2）班教室', '潘志强'], ['', '', '东侧楼梯', '谭勇'], ['', '', '卫生间', '莫桂英'],
    ['综合楼', '一楼', '食堂操作间', '罗彩霞'], ['', '', '学生餐厅', '罗彩霞'], ['', '', '体育器材室', '石磊'], ['', '', '配电房', '陈有福'],
    ['', '二楼', '科学实验室', '苏婷'], ['', '', '计算机教室', '唐娟'], ['', '', '图书室', '王丹丹'], ['', '', '音乐教室', '卢思琪'],
    ['', '三楼', '校医室', '何玉兰'], ['', '', '教师办公室', '梁静'], ['', '', '会议室', '梁静'],
    ['校  园', '', '学校大门', '韦建军'], ['', '', '门卫室', '黄德才'], ['', '', '操场', '吴昊'],
    ['', '', '北围墙', '莫振华'], ['', '', '校园主干道', '蒙岚'],
  ];
  return ['桂花路小学安全责任区域划分表\t\t\t\t\t', '楼 栋\t楼层\t场所名称\t安全责任人\t日常巡查人\t备 注',
    ...rooms.map(([b, f, n, who], i) => `${b}\t${f}\t${n}\t${who}\t${i % 5 ? who : '韦建军'}\t`),
    '\t\t\t\t\t', '说明：责任人为第一责任人，变动须报安全办。\t\t\t\t\t'].join('\n');
}
export const places = 33;
export const staff = LEADERS.length + NAMES.length;
