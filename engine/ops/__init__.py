"""Pure tensor maths and small modules; imports torch and nothing of ours."""
