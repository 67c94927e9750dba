/** Minutes after which a page that cannot be renewed says nothing about now. */
const OLD_MINUTES = 5;

/**
 * The script of all pages: it asks for the page again each minute, and where that fails it takes back what the page
 * says once that is too old. The server's own time decides as long as it answers, since clocks of visitors differ; it
 * comes from an answer that no cache keeps, or a copy of an old page would look new. Where another script keeps the page
 * up to date, that one says by events whether it hears anything, and this one only lets the page grow old.
 * Without `"`, `&` and `<`, which rendering escapes; it makes no markup.
 */
export const PAGE_SCRIPT = `(function(){
var root=document.documentElement,old=root.dataset,asOf=Date.parse(old.asOf),skew=0,isOld=false,isKept=false;
function age(){
if(Date.now()-skew-asOf>${OLD_MINUTES * 60_000})grow();
}
function grow(){
if(isOld)return;
isOld=true;root.className='old';
document.title=document.title.replace(/^.* · |^/,function(){return old.oldTitle+' · ';});
document.querySelector('link[rel=icon]').href=document.getElementById('icon-unknown').dataset.icon;
document.querySelectorAll('.figures dd').forEach(function(figure){figure.className='none';figure.textContent=figure.closest('dl').dataset.none;});
document.querySelectorAll('.state').forEach(function(state){state.textContent=old.lastKnown+': '+state.textContent.trim();});
tell(old.oldHeading+'.');
var heading=document.querySelector('.verdict h2');
if(!heading)return;
document.querySelector('.verdict use').setAttribute('href','#icon-unknown');
var before=heading.textContent,line=document.querySelector('.verdict p'),time=new Date(asOf).toISOString().slice(11,16);
heading.textContent=old.oldHeading;
line.textContent=old.oldLine.replace('{time}',time+' UTC').replace('{state}',function(){return before;});
}
function tell(text){document.querySelector('.told').textContent=text;}
function look(isFirst){
fetch('/healthz',{method:'HEAD',cache:'no-store'}).then(function(answer){
if(!answer.ok)return age();
skew=Date.now()-Date.parse(answer.headers.get('date')||new Date());
if(!isFirst)return location.reload();
age();
},age);
}
function next(){if(isKept||document.hidden)age();else look(false);}
look(true);
setInterval(next,60000);
document.addEventListener('visibilitychange',function(){if(!document.hidden)next();});
document.addEventListener('statusheard',function(){isKept=true;if(isOld)tell('');isOld=false;root.className='';asOf=Date.now()-skew;});
document.addEventListener('statuslost',grow);
})();`;
