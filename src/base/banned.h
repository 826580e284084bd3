/*
 * banned: functions that must not be called, made unusable at compile time
 * (the idea is git's). Force-included before everything; src/base may undo
 * single ones where it is the adapter, and says why.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(f) sorry_##f##_is_banned
#undef strcpy
#define strcpy(a, b) BANNED(strcpy)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy)
#undef strcat
#define strcat(a, b) BANNED(strcat)
#undef strncat
#define strncat(a, b, n) BANNED(strncat)
#undef strtok
#define strtok(a, b) BANNED(strtok)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef gets
#define gets(a) BANNED(gets)
#undef atoi
#define atoi(a) BANNED(atoi)
#undef atol
#define atol(a) BANNED(atol)
#undef system
#define system(a) BANNED(system)
#undef popen
#define popen(a, b) BANNED(popen)
#undef localtime
#define localtime(a) BANNED(localtime)
#undef gmtime
#define gmtime(a) BANNED(gmtime)

#ifndef BASE_ADAPTER	/* src/base is compiled with -DBASE_ADAPTER */
#undef malloc
#define malloc(n) BANNED(malloc)
#undef calloc
#define calloc(a, b) BANNED(calloc)
#undef realloc
#define realloc(a, b) BANNED(realloc)
#undef time
#define time(a) BANNED(time)
#undef rand
#define rand() BANNED(rand)
#undef srand
#define srand(a) BANNED(srand)
#undef getenv
#define getenv(a) BANNED(getenv)
#undef strtol
#define strtol(a, b, c) BANNED(strtol)
#undef strtoll
#define strtoll(a, b, c) BANNED(strtoll)
#undef strtoul
#define strtoul(a, b, c) BANNED(strtoul)
#endif

#endif
