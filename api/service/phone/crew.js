// A crew's stops on a phone. Everything comes from the API with the session cookie; who a resident is only when asked.
(function () {
  "use strict";
  var words = window.location.pathname.split("/");
  var plan = words[2];
  var crew = words[4];
  var CHANNELS = { home: "上门 Home", patrol: "巡诊 Patrol", phone: "电话 Phone" };

  function at(id) { return document.getElementById(id); }

  function add(parent, kind, text) {
    var made = document.createElement(kind);
    made.textContent = text || "";
    parent.appendChild(made);
    return made;
  }

  function tell(problem) {
    at("told").textContent = problem ? problem.title_zh + " / " + problem.title : "";
  }

  function ask(path, options) {
    options = options || {};
    options.credentials = "same-origin";
    return fetch(path, options).then(function (answer) {
      return answer.json().then(function (content) {
        if (answer.ok) { return content; }
        content.status = answer.status;
        throw content;
      });
    });
  }

  function failed(problem) {
    if (problem && problem.status === 401 && at("door").hidden) {
      at("door").hidden = false;
      at("stops").textContent = "";
      return;
    }
    tell(problem && problem.title ? problem : { title_zh: "网络或服务不可用", title: "The service cannot be reached" });
  }

  function clock(moment) { return moment ? moment.slice(11, 16) : ""; }

  function showPerson(place, button, followUp) {
    ask("/v1/follow-ups/" + followUp + "?fields=resident_id")
      .then(function (row) { return ask("/v1/residents/" + row.resident_id + "/personal"); })
      .then(function (person) {
        button.remove();
        add(place, "div", [person.name, person.address].filter(Boolean).join(" · "));
        if (person.phone) { add(place, "a", person.phone).href = "tel:" + person.phone; }
      })
      .catch(failed);
  }

  function addFollowUp(list, stop) {
    var place = add(list, "li", stop.follow_up + " ");
    var button = add(place, "button", "姓名电话 Who");
    button.type = "button";
    button.onclick = function () { showPerson(place, button, stop.follow_up_id); };
  }

  function show(stops, sites) {
    var list = null;
    var last = "";
    at("stops").textContent = "";
    stops.forEach(function (stop) {
      var key = [stop.day, stop.half, stop.place].join(" ");
      if (key !== last) {
        var item = add(at("stops"), "li", "");
        var where = sites[stop.site] || "";
        var when = clock(stop.start_at) + "–" + clock(stop.end_at);
        add(item, "strong", [stop.day, when, CHANNELS[stop.channel], where].filter(Boolean).join("  "));
        list = add(item, "ul", "");
        last = key;
      }
      if (stop.follow_up_id) { addFollowUp(list, stop); }
    });
    if (!stops.length) { tell({ title_zh: "没有可显示的安排", title: "Nothing here that you may see" }); }
  }

  function all(path, found) {
    return ask(path + (found.cursor ? "&cursor=" + encodeURIComponent(found.cursor) : "")).then(function (page) {
      found.items = found.items.concat(page.items);
      found.cursor = page.next_cursor;
      return found.cursor ? all(path, found) : found.items;
    });
  }

  function load() {
    var stops = "/v1/plans/" + encodeURIComponent(plan) + "/stops?limit=200&crew=" + crew;
    all(stops, { items: [], cursor: "" }).then(function (items) {
      at("door").hidden = true;
      return all("/v1/sites?limit=200&fields=external_id,name", { items: [], cursor: "" }).then(function (rows) {
        var sites = {};
        rows.forEach(function (row) { sites[row.external_id] = row.name || row.external_id; });
        show(items, sites);
      });
    }).catch(failed);
  }

  at("door").onsubmit = function (event) {
    event.preventDefault();
    tell(null);
    var body = { name: at("name").value, password: at("password").value, code: at("code").value, use_cookie: true };
    ask("/v1/login", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
      .then(function () { at("password").value = ""; load(); })
      .catch(failed);
  };
  at("title").textContent = "出诊单 " + decodeURIComponent(crew);
  load();
})();
