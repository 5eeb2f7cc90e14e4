// What the words beside the numbers of a convolution mean, in a sentence each: their tooltips, wherever they stand.

export const SIZES = {
  window: "Each filter reads F × F pixels at a time, in pixels.",
  stride: "Step from one window to the next, in pixels.",
  dilation: "Distance between neighboring pixels of the window: 1 is a window without gaps.",
};
export const BEYOND = "Padding: pixels around the picture, so that windows reach over its edge.";
export const BIAS = "One number, added at every position.";
export const RELU = "Sets values below 0 to 0.";
