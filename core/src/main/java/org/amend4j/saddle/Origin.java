package org.amend4j.saddle;

/** How a report's numbers came about; components as in {@link SecondOrderReport}. */
record Origin(
        long environmentSteps,
        long seed,
        int starts,
        int lanczosSteps,
        boolean converged,
        double gradientStep,
        double scoreStep) {}
