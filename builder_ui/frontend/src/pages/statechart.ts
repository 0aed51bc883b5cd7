// The chart of a workflow: the data block of the page becomes a canvas beside the outline.
import { mountChart } from "../statechart/mounting";

mountChart();
