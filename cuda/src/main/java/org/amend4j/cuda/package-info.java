/**
 * CUDA kernels, the device-resident objective and GPU jobs. Nothing is here yet: adapters already run on a GPU through
 * ND4J's CUDA backend; kernels of our own follow.
 */
@NullMarked
package org.amend4j.cuda;

import org.jspecify.annotations.NullMarked;
