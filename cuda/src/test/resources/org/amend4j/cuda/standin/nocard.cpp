// A driver that finds no card, for NVIDIA's own libraries: NVRTC compiles without one, but JavaCPP wants libcuda.so.1 to be there.
extern "C" int cuInit(unsigned) { return 100; }
