/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/** A vertex's configuration whose rows are parts of pictures, so that a dense layer on them is a convolution to other frameworks. */
public interface CutsPictures {}
