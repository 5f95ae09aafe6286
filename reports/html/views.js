// What the page has of a report, in order, by the report's kind. A view is a file and a row:
//
//   id, title, summary   of its section; the id stands in links
//   applies(context)     false if the report has nothing for it; absent: it always has
//   draw(context)        the section's nodes, from
//                        {name, report, view, workload, redraw()}: the report as it was written,
//                        what html_model.h adds, the workload chosen, and what to call after a
//                        change of pageState
const views = {
  run: [
    comparisonView,
    percentilesView,
    overTimeView,
    memoryView,
    benefitView,
    patternsView,
    classesView,
    howTakenView,
    contextView,
  ],
  simulate: [gridView, curvesView, courseView, contextView],
  stampede: [guardsView, spikeView, percentilesView, contextView],
  micro: [operationsView, itemsView, contextView],
  profile: [verdictView, trafficView, contextView],
};
