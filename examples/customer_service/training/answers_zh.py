"""Chinese passages and questions for make_answers.py."""
import frames
import frames_zh as words
from answers_common import in_lines, labels, pick, statement

FRAMES = frames.parsed(words)

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉建国华志梅鑫玉英慧雪晨宇浩然子涵一诺思琪嘉怡博文俊熙"
CITIES = "北京 上海 广州 深圳 成都 杭州 南京 武汉 西安 苏州 天津 重庆 长沙 青岛 大连 厦门 昆明 合肥 福州 济南 郑州 沈阳 哈尔滨 贵阳 南宁 兰州 太原 石家庄 无锡 宁波".split()
HELD_SURNAMES, HELD_GIVEN = "欧阮覃尹阎柯", "翎岚曜祺霁蘅"
HELD_CITIES = "景德镇 喀什 漠河 西双版纳 张家界 敦煌".split()
BRAND = "星云月海山河光风青蓝金银石木花雨晨晓恒宏瑞丰嘉佳美乐康安宁泰华新锐飞远航天地日禾田竹松柏梅桃枫鹿鹤燕鹰虎龙凤麟"
ADJECTIVES = "小型 大号 折叠 便携 智能 经典 无线 静音 豪华 标准 户外 家用 儿童 冬季 夏季 迷你 电动 手工 防水 多功能 旅行 商务 加厚 轻便 复古".split()
THINGS = "台灯 水壶 自行车 帐篷 相机 背包 外套 榨汁机 音箱 椅子 书桌 打印机 路由器 小提琴 吉他 滑板车 烤箱 冰箱 吸尘器 手表 键盘 显示器 头盔 梯子 沙发 床垫 枕头 毛毯 望远镜 显微镜 钢琴 婴儿车 行李箱 雨伞 钱包 靴子 马克杯 平底锅 面包机 电风扇 收音机 平板 手机 充电器 电池 电钻 地毯 窗帘 镜子 时钟 花瓶 蜡烛 拼图 净水器 空调 电饭煲 加湿器 耳机 投影仪".split()
PLACES = "酒店 博物馆 图书馆 餐厅 面包店 诊所 学校 剧院 健身房 游泳馆 花园 市场 美术馆 影院 农场 民宿 古堡 塔楼 车站 机场 水族馆 动物园 公园 工作室 实验室 天文台 书店 药店 停车场 露营地 酒庄 寺院 体育馆".split()
EVENTS = "音乐节 演唱会 课程 马拉松 展览 会议 博览会 讲座 比赛 拍卖会 首映礼 训练营 游轮之旅 一日游 研讨会 读书会 运动会 灯会".split()
SERVICES = "会员 套餐 保险 贷款 账户 合同 年卡 月卡 课程包 租赁服务 保养服务 信用卡 储蓄计划 积分计划 学习班 宽带".split()
NOUNS = "把手 外壳 框架 发动机 滤芯 盖子 车轮 屋顶 大门 窗户 地板 墙面 表面 屏幕 镜头 底座 边缘 面板 传感器 水泵 阀门 油箱 软管 刀片 座椅 腰带 口袋 袖子 标签 弹簧 样品 批次 村庄 河流 山谷 岛屿 大桥 团队 班级 小组 章节 专辑 系列 型号 版本 分店 办公室 仓库 车间 码头".split()
COLOURS = "红色 蓝色 绿色 黄色 黑色 白色 灰色 紫色 橙色 棕色 粉色 银色".split()
MATERIALS = "橡木 不锈钢 纯棉 羊毛 玻璃 牛皮 竹子 铜 铝合金 亚麻 大理石 真丝 软木 橡胶 陶瓷".split()
VERBS = "取消 修改 退回 更换 查询 续订 预订 注册 激活 重置 更新 下载 安装 清洗 存放 维修 升级 转让 删除 关闭 开通 举报 延长 暂停 申请 领取 绑定 解绑".split()
OBJECTS = "订单 地址 密码 预约 订阅 发票 卡片 门票 账号 保修 机器 滤网 个人资料 会员 包裹 证件 合同 设备 座位 房间 通知 配送 付款 优惠券 积分 礼品卡".split()
PATHS = ["设置页面", "服务台", "手机应用", "“设置 > 隐私”", "前台", "“我的页面 > 订单”", "帮助中心", "控制面板", "页面顶部的菜单", "自助终端"]
FILLERS = ["很高兴为您服务。", "很多人因此喜欢它。", "使用前请仔细阅读说明。", "我们的团队随时乐意帮忙。", "它已经成为许多客人的最爱。", "其他的您不用操心。", "个别细节可能因地而异。", "工作人员会说多种语言。", "整个项目经过精心筹备。", "欢迎大家参加。", "大多数客人都会再来。", "入口处有清楚的指示牌。", "一直以来都是如此。", "孩子们也很喜欢。", "风景非常值得一看。", "质量对我们最重要。", "使用方便，也容易清洁。", "说明书放在盒子里。", "感谢您的耐心等待。", "当地人都为此感到自豪。", "天气变化快，请带上保暖的衣物。", "场地宽敞，人人都有位置。", "设计延续了古老的传统。", "适合各种家居风格。"]
SORRY = "抱歉，我手头的资料里没有提到这一点。"


class maker:
    def __init__(self, rng, held):
        self.rng, self.held = rng, held

    def name(self):
        r = self.rng
        if self.held:
            return pick(r, HELD_SURNAMES) + pick(r, HELD_GIVEN) + (pick(r, HELD_GIVEN) if r.random() < 0.5 else "")
        return pick(r, SURNAMES) + pick(r, GIVEN) + (pick(r, GIVEN) if r.random() < 0.7 else "")

    def city(self):
        return pick(self.rng, HELD_CITIES if self.held else CITIES)

    def brand(self):
        return pick(self.rng, BRAND) + pick(self.rng, BRAND)

    def money(self):
        r = self.rng
        n = str(r.choice([r.randint(2, 99), r.randint(100, 999), r.randint(1000, 9999)]))
        if r.random() < 0.2:
            n += f".{r.randint(1, 9)}"
        return r.choice(["{}元", "{}元", "¥{}", "{}块", "{}美元", "{}欧元"]).format(n)

    def number(self):
        r = self.rng
        return str(r.choice([r.randint(2, 30), r.randint(31, 999), r.randint(1000, 99999)]))

    def small(self):
        return str(self.rng.randint(2, 60))

    def date(self):
        r = self.rng
        return r.choice([f"{r.randint(1, 12)}月{r.randint(1, 28)}日", f"{r.randint(1, 12)}月{r.randint(1, 28)}号", f"20{r.randint(10, 39)}年{r.randint(1, 12)}月{r.randint(1, 28)}日", f"20{r.randint(10, 39)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}"])

    def weekday(self):
        return self.rng.choice(["周", "星期"]) + pick(self.rng, "一二三四五六日")

    def year(self):
        return f"{self.rng.randint(1650, 2024)}年"

    def time(self):
        r = self.rng
        return r.choice([f"{r.randint(6, 23)}:{r.choice(['00', '15', '30', '45'])}", f"{r.randint(6, 23)}点", f"{r.randint(6, 23)}点半"])

    def percent(self):
        r = self.rng
        return r.choice([f"{r.randint(2, 95)}%", f"{r.randint(1, 30)}.{r.randint(1, 9)}%"])

    def phone(self):
        r = self.rng
        return r.choice([f"{r.randint(200, 999)}-555-{r.randint(1000, 9999)}", f"0{r.randint(10, 99)}-555-{r.randint(10, 99)}-{r.randint(10, 99)}"])

    def email(self):
        r = self.rng
        return r.choice(["info", "help", "kefu", "mail", "service", "booking"]) + "@" + "".join(r.choice("abcdefghiklmnoprstuvwxyz") for _ in range(6)) + ".example"

    def site(self):
        return "www." + "".join(self.rng.choice("abcdefghiklmnoprstuvwxyz") for _ in range(6)) + ".example"

    def code(self):
        r = self.rng
        letters = "".join(r.choice("ABCDEFGHKLMNPRSTUVWX") for _ in range(r.choice([2, 3])))
        return r.choice([f"{letters}-{r.randint(100, 99999)}", f"{r.choice('ABCDEFGH')}{r.randint(2, 99)}", f"{letters}{r.randint(100000, 99999999)}"])

    def unit(self):
        return self.rng.choice(["天", "周", "个月", "小时", "分钟", "个工作日", "年"])


def subject(rng, f):
    kind = rng.choice(["thing", "thing", "place", "place", "event", "service", "order"])
    words = {"thing": THINGS, "place": PLACES, "event": EVENTS, "service": SERVICES}
    if kind == "order":
        return kind, rng.choice([f"订单ORD-{rng.randint(10000, 99999)}", "您的订单", f"订单{f.code()}"]), "订单"
    noun = pick(rng, words[kind])
    full = rng.choice([f.brand() + noun, f.brand() + noun, f.brand() + pick(rng, ADJECTIVES) + noun, pick(rng, ADJECTIVES) + noun, f"这款{noun}" if kind == "thing" else noun, f.city() + noun])
    return kind, full, noun


def attributes(rng, f, kind, full, noun):
    s = rng.choice([full, full, noun, "", "本" + noun if kind != "thing" else full])
    a = rng.choice([full, full, full, noun, ""])
    out = []

    def add(key, fact, statements, questions):
        out.append(statement(pick(rng, statements), rng.sample(questions, min(len(questions), 2)), fact, key))

    m = f.money()
    if kind in ("thing", "service", "event"):
        add("price", m, [f"{s}售价{m}。", f"{s}的价格是{m}。", f"购买{s}需要{m}。", f"{s}只要{m}。", f"花{m}就能拥有{full}。", f"{s}含税价为{m}。"],
            [f"{a}多少钱？", f"{a}的价格是多少？", f"买{a}要花多少钱？", f"{a}怎么卖？", f"{a}贵不贵？", f"{a}什么价？"])
    if kind in ("place", "event"):
        m = f.money()
        add("ticket", m, [f"{s}门票{m}。", f"入场费为{m}。", f"成人票{m}一张。", f"进入{full}每人收费{m}。"],
            [f"{a}门票多少钱？", "入场费是多少？", "成人票多少钱？", f"进{a}要花多少钱？", "票价是多少？"])
        t = f.time()
        add("opens", t, [f"{s}{t}开门。", f"{t}开始入场。", f"从{t}起可以进入。", f"{s}{t}开始营业。"],
            [f"{a}几点开门？", "什么时候开始入场？", f"{a}什么时间开始？", "几点可以进去？", f"{a}的开放时间是几点？"])
        t = f.time()
        add("closes", t, [f"{s}{t}关门。", f"最晚{t}离场。", f"{s}在{t}结束。", f"{t}停止营业。"],
            [f"{a}几点关门？", f"{a}开到几点？", f"{a}什么时候结束？", "最晚几点离开？", "几点打烊？"])
        d = f.weekday()
        add("closed", d, [f"{s}{d}闭馆。", f"每逢{d}不开放。", f"{d}休息。"],
            [f"{a}哪天闭馆？", f"{a}星期几不开放？", "哪一天休息？"])
        c = f.city()
        add("where", c, [f"{s}位于{c}。", f"{s}在{c}举行。", f"{s}就在{c}老城区。", f"地点在{c}。"],
            [f"{a}在哪里？", f"{a}在哪个城市？", f"{a}的地点在哪？", f"去哪里找{a}？"])
        n = f.number()
        x = rng.choice(["个座位", "间客房", "名观众", "张桌子", "个车位", "件展品", "只动物", "册图书", "幅画", "张床位", "名选手"])
        add("count", n, [f"{s}有{n}{x}。", f"一共有{n}{x}。", f"可容纳{n}{x}。", f"里面有{n}{x}。"],
            [f"{a}有多少{x}？", f"一共有几{x}？", f"{x[1:]}有多少？", f"{a}的{x[1:]}数量是多少？"])
        y = f.year()
        add("founded", y, [f"{s}创建于{y}。", f"{s}建于{y}。", f"{y}{s}正式开放。", f"{s}的历史始于{y}。", f"早在{y}就有了{full}。"],
            [f"{a}是哪一年建的？", f"{a}什么时候创建的？", f"{a}有多少年历史？", f"{a}哪年开放的？", f"{a}始于何时？"])
    if kind == "event":
        d = f.date()
        add("date", d, [f"{s}将于{d}举行。", f"{s}定在{d}。", f"{s}的日期是{d}。", f"请记住{d}这一天。"],
            [f"{a}什么时候举行？", f"{a}是哪一天？", f"{a}的日期是？", f"{a}几号办？"])
        d = f.date()
        add("deadline", d, [f"报名截止到{d}。", f"请在{d}之前报名。", f"截止日期为{d}。", f"申请受理到{d}。"],
            ["报名什么时候截止？", "最晚哪天报名？", "截止日期是哪天？", "什么时候之前要申请？"])
        n = f.name()
        add("speaker", n, [f"{n}为{full}致开幕词。", f"主讲嘉宾是{n}。", f"{s}由{n}主持。", f"今年由{n}负责。"],
            ["谁致开幕词？", "主讲嘉宾是谁？", f"{a}由谁主持？", f"{a}谁负责？"])
    if kind in ("place", "thing", "service"):
        n = f.name()
        add("person", n, [f"{s}由{n}经营。", f"{s}的经理是{n}。", f"{n}设计了{full}。", f"{s}的负责人是{n}。", f"{s}由{n}创办。"],
            [f"谁在经营{a}？", f"{a}的经理是谁？", f"{a}是谁设计的？", f"{a}由谁负责？", f"{a}的创办人是谁？"])
    if kind == "thing":
        name, unit, how = rng.choice([("重量", "公斤", "多重"), ("长度", "厘米", "多长"), ("高度", "米", "多高"), ("容量", "升", "能装多少"), ("续航里程", "公里", "能跑多远"), ("功率", "瓦", "多大功率"), ("厚度", "毫米", "多厚")])
        n = f.small()
        add(name, n, [f"{s}的{name}为{n}{unit}。", f"{name}：{n}{unit}", f"{s}{name}达到{n}{unit}。", f"它的{name}是{n}{unit}。"],
            [f"{a}的{name}是多少？", f"{a}{how}？", f"{a}{name}多少？"])
        c = pick(rng, COLOURS)
        add("colour", c, [f"{s}是{c}的。", f"{s}的颜色为{c}。", f"{s}目前只有{c}。", f"外壳涂成了{c}。"],
            [f"{a}是什么颜色？", f"{a}有哪些颜色？", "颜色是什么？"])
        c = pick(rng, MATERIALS)
        add("material", c, [f"{s}由{c}制成。", f"{s}的材质是{c}。", f"主体采用{c}。", f"制作时只用{c}。"],
            [f"{a}是什么材质？", f"{a}用什么做的？", "材料是什么？"])
        n, u = f.small(), f.unit()
        add("battery", n, [f"电池可以用{n}{u}。", f"充一次电能用{n}{u}。", f"满电续航{n}{u}。"],
            ["电池能用多久？", f"{a}充一次电能用多长时间？", "续航多久？"])
        n, u = f.small(), rng.choice(["个月", "年"])
        add("warranty", n, [f"保修期{n}{u}。", f"{s}享有{n}{u}质保。", f"我们提供{n}{u}保修。", f"{n}{u}内免费维修。"],
            ["保修多久？", f"{a}质保几{u}？", "免费维修到什么时候？", f"{a}的保修期是多长？"])
        c = f.city()
        add("origin", c, [f"{s}产自{c}。", f"{s}在{c}的工厂生产。", f"制作{full}的工坊在{c}。"],
            [f"{a}是哪里生产的？", f"{a}产地是哪？", f"{a}在哪个城市制造？"])
    if kind in ("thing", "order"):
        n, u = f.small(), f.unit()
        add("delivery", n, [f"配送需要{n}{u}。", f"{s}{n}{u}内送达。", f"下单后{n}{u}内发货。", f"包裹{n}{u}后到您手中。"],
            ["配送要多久？", "多久能送到？", f"{a}什么时候能到？", "发货需要几天？", "要等多长时间？"])
        m = f.money()
        add("shipping", m, [f"运费{m}。", f"配送费为{m}。", f"送货收取{m}。", f"邮费是{m}。"],
            ["运费多少？", "配送费是多少？", "送货要收多少钱？", "邮费多少钱？"])
        n, u = f.small(), rng.choice(["天", "周"])
        add("return", n, [f"{n}{u}内可以退货。", f"签收后{n}{u}内可退回。", f"不喜欢可在{n}{u}内寄回。", f"退货期限为{n}{u}。"],
            ["多久之内可以退货？", "退货期限是多久？", f"{a}能退吗？", "几天内可以寄回？"])
        n, u = f.small(), f.unit()
        add("refund", n, [f"退款{n}{u}内到账。", f"钱会在{n}{u}后退回您的账户。", f"我们在{n}{u}内办理退款。"],
            ["退款多久到账？", "什么时候能拿到退款？", "钱什么时候退回来？"])
    if kind == "order":
        c = f.code()
        add("tracking", c, [f"运单号是{c}。", f"可以用{c}查询包裹。", f"快递单号：{c}"],
            ["运单号是多少？", "怎么查询包裹？", "快递单号是什么？"])
        d = f.date()
        add("eta", d, [f"预计{d}送达。", f"预计送达日期是{d}。", f"{d}会送到。", f"预计送达：{d}"],
            ["什么时候送达？", f"{a}哪天到？", "预计送达日期是哪天？"])
        c = f.brand() + rng.choice(["快递", "物流", "速运"])
        add("carrier", c, [f"由{c}配送。", f"承运方是{c}。", f"已交给{c}。", f"承运：{c}"],
            ["谁来配送？", "用的哪家快递？", f"{a}由谁承运？"])
        st = rng.choice(["已发货", "已打包", "延误", "已取消", "运输途中", "已签收", "待付款", "派送中"])
        add("status", st, [f"{s}目前{st}。", f"{s}的状态：{st}", f"状态：{st}", f"当前状态为{st}。"],
            [f"{a}是什么状态？", f"{a}到哪了？", f"{a}现在怎么样了？"])
    if kind == "service":
        n, u = f.small(), f.unit()
        add("term", n, [f"{s}有效期{n}{u}。", f"最短期限为{n}{u}。", f"{s}可以用{n}{u}。", f"{n}{u}后{s}自动到期。"],
            [f"{a}有效期多久？", "最短期限是多长？", f"{a}能用多久？", f"{a}什么时候到期？"])
        p = f.percent()
        add("discount", p, [f"学生优惠{p}。", f"学生可享{p}的折扣。", f"会员能省{p}。", f"凭学生证便宜{p}。"],
            ["学生有什么优惠？", "会员能省多少？", "学生折扣是多少？"])
        m = f.money()
        add("fee", m, [f"提前解约收取{m}。", f"违约金为{m}。", f"提前退出要付{m}。", f"逾期付款加收{m}。"],
            ["违约金是多少？", "提前解约要多少钱？", "提前退出要付多少？"])
        p = f.percent()
        add("rate", p, [f"利率为{p}。", f"{s}年收益{p}。", f"{s}的费率是{p}。"],
            ["利率是多少？", f"{a}一年收益多少？", f"{a}的费率多少？"])
    p = f.phone()
    add("phone", p, [f"请拨打{p}。", f"我们的电话是{p}。", f"热线：{p}", f"客服电话{p}。"],
        ["电话是多少？", "怎么打电话联系你们？", "热线号码是什么？", "客服电话多少？"])
    e = f.email()
    add("email", e, [f"请写信到{e}。", f"我们的邮箱是{e}。", f"有问题请发到{e}。"],
        ["邮箱是什么？", "邮件发到哪里？", "怎么用邮件联系你们？"])
    w = f.site()
    add("site", w, [f"更多内容见{w}。", f"官网是{w}。", f"网址：{w}", f"图片可在{w}查看。"],
        ["官网是什么？", "网址是多少？", "网上哪里能看到更多？"])
    return out


def other(rng, f, full):
    out = []
    for _ in range(rng.randint(1, 3)):
        a, b = pick(rng, NOUNS), pick(rng, ADJECTIVES + NOUNS)
        v, what = rng.choice([(f.number(), "编号"), (f.money(), "价值"), (f.date(), "日期"), (f.percent(), "比例"), (f.code(), "代码"), (f.name(), "负责人"), (f.city(), "产地"), (f.time(), "时间")])
        form = rng.randrange(8)
        verb, o = pick(rng, VERBS), pick(rng, OBJECTS)
        if form == 0:
            out.append(statement(f"{b}{a}的{what}是{v}。", [f"{b}{a}的{what}是什么？", f"{b}{a}{what}？"], v))
        elif form == 1:
            out.append(statement(f"{b}的{a}{what}为{v}。", [f"{b}的{a}{what}是多少？", f"{a}的{what}是？"], v))
        elif form == 2:
            out.append(statement(f"关于{b}和{a}，记录为{v}。", [f"{b}和{a}的记录是什么？", f"关于{b}有什么记录？"], v))
        elif form == 3:
            out.append(statement(f"{v}代表{b}{a}。", [f"什么代表{b}{a}？", f"{b}{a}的{what}是什么？"], v))
        elif form == 4:
            out.append(statement(f"{verb}{o}请使用代码{v}。", [f"怎么{verb}{o}？", f"我想{verb}{o}", f"如何{verb}我的{o}？", f"{verb}{o}需要什么？"], v))
        elif form == 5:
            p = pick(rng, PATHS)
            out.append(statement(rng.choice([f"您可以在{p}{verb}{o}。", f"{verb}{o}请前往{p}。", f"请到{p}办理{o}的{verb}。"]), [f"在哪里{verb}{o}？", f"怎么{verb}{o}？", f"{o}怎么{verb}", f"我要{verb}{o}"], p))
        elif form == 6:
            n, u = f.small(), f.unit()
            out.append(statement(rng.choice([f"{n}{u}内可以免费{verb}{o}。", f"开始前{n}{u}都可以{verb}{o}。", f"超过{n}{u}再{verb}{o}要收费。"]), [f"什么时候之前可以{verb}{o}？", f"{verb}{o}免费吗？", f"{verb}{o}有什么规定？", f"{o}多久内能{verb}？"], n))
        else:
            m = f.money()
            out.append(statement(rng.choice([f"{o}遗失需支付{m}。", f"补办{o}收费{m}。", f"丢失{o}要赔{m}。"]), [f"{o}丢了怎么办？", f"补办{o}多少钱？", f"{o}遗失要付多少钱？"], m))
    return out


def rival(rng, f):
    a, b = f.brand(), f.brand()
    noun = pick(rng, THINGS + PLACES + SERVICES)
    make, what, question = rng.choice([(f.money, "售价", "{}多少钱？"), (f.date, "上市日期是", "{}什么时候上市？"), (f.number, "编号是", "{}的编号是多少？"), (f.time, "开放时间为", "{}几点开放？")])
    x, y = make(), make()
    return [statement(f"{a}{noun}{what}{x}。", [question.format(a + noun), question.format(a)], x), statement(f"{b}{noun}{what}{y}。", [question.format(b + noun), question.format(b)], y)]


LABELS = [("资料", "问题"), ("passage", "question"), ("文章", "问题"), ("知识", "用户问题"), ("passage", "question"), ("段落", "提问")]


def span(rng, f):
    return f.small() + f.unit()


def framed(rng, held):
    """A passage of frames; a few statements of random words among them."""
    f = maker(rng, held)
    subject_, parts = frames.passage(rng, f, words, FRAMES, span, False)
    if rng.random() < 0.25:
        parts += other(rng, f, subject_)[:2]
        rng.shuffle(parts)
    parts = frames.glued(rng, parts, words, False)
    passage = in_lines(parts, "\n" if rng.random() < 0.1 else "")
    asked = [(q, p.text, fact) for p in parts for q, fact in p.facts]
    rng.shuffle(asked)
    for q, text, fact in asked[:3]:
        yield labels(rng, passage, frames.spoken(rng, q, words, "？", False), LABELS), text, fact


def short(rng, held):
    """Two to four sentences that their words tell apart: what is learned first."""
    f = maker(rng, held)
    kind, full, noun = subject(rng, f)
    parts = other(rng, f, full) + other(rng, f, full)
    if rng.random() < 0.5:
        parts += rng.sample(attributes(rng, f, kind, full, noun), 2)
    rng.shuffle(parts)
    parts = parts[: rng.randint(2, 4)]
    passage = in_lines(parts, "")
    for p in rng.sample(parts, min(len(parts), 2)):
        yield labels(rng, passage, pick(rng, p.questions), LABELS), p.text, p.fact


def example(rng, held):
    roll = rng.random()
    yield from short(rng, held) if roll < 0.3 else framed(rng, held) if roll < 0.7 else plain(rng, held)


def plain(rng, held):
    f = maker(rng, held)
    kind, full, noun = subject(rng, f)
    pool = attributes(rng, f, kind, full, noun)
    rng.shuffle(pool)
    absent = pool[rng.randint(2, 5):]
    parts = pool[: len(pool) - len(absent)]
    if rng.random() < 0.6:
        parts += other(rng, f, full)
    if rng.random() < 0.3:
        parts += rival(rng, f)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        parts.append(statement(pick(rng, FILLERS)))
    rng.shuffle(parts)
    parts = parts[: rng.randint(2, 7)]
    for p in parts:
        p.asked = [(q, p.fact) for q in p.questions]
    merged = []
    while parts:
        p = parts.pop(0)
        if parts and rng.random() < 0.15 and p.text.endswith("。") and parts[0].text.endswith("。"):
            q = parts.pop(0)
            both = statement(p.text[:-1] + rng.choice(["，", "；"]).replace("；", "，") + q.text, (), "", p.key)
            both.asked = p.asked + q.asked
            p = both
        merged.append(p)
    if rng.random() < 0.3:
        first = statement(rng.choice([f"{full}远近闻名。", f"以下是关于{full}的介绍。", f"欢迎了解{full}。", f"{full}能满足很多愿望。"]))
        first.asked = []
        merged.insert(0, first)
    passage = in_lines(merged, "\n" if rng.random() < 0.1 else "")
    asked = [(q, p.text, fact) for p in merged for q, fact in p.asked]
    rng.shuffle(asked)
    style = rng.random()
    for q, text, fact in asked[:3]:
        if style < 0.2:
            q = q.rstrip("？")
        elif style < 0.35:
            q = rng.choice(["你好，", "您好，请问", "请问", "麻烦问一下，", "想问下"]) + q
        yield labels(rng, passage, q, LABELS), text, fact
    if rng.random() < 0.15:
        keys = {p.key for p in merged}
        for x in absent[:1]:
            if x.key not in keys and not any(p.key == "" for p in merged):
                yield labels(rng, passage, pick(rng, x.questions), LABELS), SORRY, ""
