// SPDX-License-Identifier: Apache-2.0
/** A plugin for Stasis that carries the content of open files inside the image. Tracer thread only. */
package com.acme.stasis.filesaver;
